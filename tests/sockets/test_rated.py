"""Rated games: who hears what becomes of the ratings."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from games.models import Game, Rating, RatingChange
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story


def _rated_game(one: Person, other: Person) -> Game:
    """A rated game that has just begun."""
    now = timezone.now()
    assert one.player is not None
    assert other.player is not None
    return store_game(
        one.player, other.player, rated=True, takebacks=False, initial=60, increment=1, create_time=now, start_time=now,
        rating1=1500, provisional1=True, rating2=1500, provisional2=True, due_at=now + timedelta(minutes=1),
    )  # fmt: skip


def _ratings(game: Game) -> dict[str, Any]:
    return {row.player.name: (row.rating, row.games) for row in Rating.objects.select_related("player")} | {
        "changes": RatingChange.objects.filter(game=game).count()
    }


@story
async def test_everybody_hears_how_a_rated_game_changed_both_ratings(
    server: ServerProcess, alice: Person, bob: Person, nobody: Person
) -> None:
    game = await in_store(_rated_game)(alice, bob)
    async with Table(server, game) as table:
        first, second, third = [await table.seat(person) for person in (alice, bob, nobody)]
        await first.say("sync")
        begun = (await first.hear("snapshot"))["game"]
        assert (begun["rated"], [player["rating"] for player in begun["players"]]) == (True, [1500, 1500])
        await first.play(3, 1)
        await second.play(3, 2)
        await first.say("resign")
        heard = [await client.hear("ratings_changed") for client in (first, second, third)]
        assert heard[0] == heard[1] == heard[2]
        changes = [player["ratingChange"] for player in heard[0]["players"]]
        assert changes[0] == -changes[1] < 0
        await second.say("sync")
        snapshot = await second.hear("snapshot")
        assert snapshot["game"]["players"] == heard[0]["players"]
    stored = await in_store(_ratings)(game)
    assert stored["changes"] == 2
    assert stored["alice"][0] < 1500 < stored["bob"][0]


@story
async def test_resigning_before_both_have_moved_counts_nothing(
    lone_server: ServerProcess, alice: Person, bob: Person
) -> None:
    game = await in_store(_rated_game)(alice, bob)
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await first.play(3, 1)
        await second.say("resign")
        finished = await first.hear("game_finished")
        assert finished["outcome"] == {"winner": None, "reason": "aborted", "line": None}
    assert await in_store(_ratings)(game) == {"changes": 0}


@story
async def test_the_rematch_begins_with_the_new_ratings(lone_server: ServerProcess, alice: Person, bob: Person) -> None:
    game = await in_store(_rated_game)(alice, bob)
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await first.play(3, 1)
        await second.play(3, 2)
        await first.say("resign")
        changed = await second.hear("ratings_changed")
        await first.say("sync")
        await first.hear("snapshot")
        await first.say("offer_rematch")
        await second.hear("rematch_offered")
        await second.say("offer_rematch")
        rematch = (await first.hear("rematch_started"))["game"]
    row = await in_store(Game.objects.get)(pk=rematch)
    expected = [player["rating"] + player["ratingChange"] for player in changed["players"]]
    assert (row.rated, row.rating2, row.rating1) == (True, *expected)
