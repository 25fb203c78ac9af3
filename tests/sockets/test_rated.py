"""Rated games: who hears what becomes of the ratings; pages that are left; who gets no rematch."""

import asyncio
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from games.honesty.models import PageLeaving
from games.models import Game, Rating, RatingChange
from lobby.models import User
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import append, store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client


def _rated_game(one: Person, other: Person) -> Game:
    """A rated game that has just begun."""
    now = timezone.now()
    assert one.player is not None
    assert other.player is not None
    _have_been_here_for_long(one, other)
    return store_game(
        one.player, other.player, rated=True, takebacks=False, initial=60, increment=1, create_time=now, start_time=now,
        rating1=1500, provisional1=True, rating2=1500, provisional2=True, due_at=now + timedelta(minutes=1),
    )  # fmt: skip


def _have_been_here_for_long(*people: Person) -> None:
    """Their accounts are not new: they may play rated."""
    users = User.objects.filter(player__in=[person.player for person in people])
    users.update(date_joined=timezone.now() - timedelta(days=2))


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


def _leavings(game: Game) -> list[tuple[int, int, int]]:
    rows = PageLeaving.objects.filter(game=game).order_by("seat")
    return [(row.seat, row.own, row.other) for row in rows]


async def _hears_pong(*clients: Client) -> None:
    """All that these have said was taken."""
    for client in clients:
        await client.say("ping")
        await client.hear("pong")


async def _until_left(game: Game, expected: list[tuple[int, int, int]]) -> None:
    end = time.monotonic() + 30
    while (found := await in_store(_leavings)(game)) != expected:
        assert time.monotonic() < end, found
        await asyncio.sleep(0.05)


@story
async def test_a_page_that_is_left_counts_once_a_turn(
    server: ServerProcess, alice: Person, bob: Person, nobody: Person
) -> None:
    game = await in_store(_rated_game)(alice, bob)
    async with Table(server, game) as table:
        first, second, third = [await table.seat(person) for person in (alice, bob, nobody)]
        assert await third.refused("leave_page") == "not_a_participant"
        for client in (first, first, second):
            await client.say("leave_page")
        await _until_left(game, [(1, 1, 0), (2, 0, 1)])
        await first.play(3, 1)
        await second.hear("move_played")
        for client in (second, first, second):
            await client.say("leave_page")
        await _until_left(game, [(1, 1, 1), (2, 1, 1)])
        await first.say("abort")
        await second.hear("game_finished")
        await second.say("leave_page")
        await _hears_pong(second)
    assert await in_store(_leavings)(game) == [(1, 1, 1), (2, 1, 1)]


@story
async def test_pages_of_other_games_may_be_left(server: ServerProcess, alice: Person, bob: Person) -> None:
    game = await in_store(store_game)(alice.player, bob.player)
    async with Table(server, game) as table:
        client = await table.seat(alice)
        await client.say("leave_page")
        await _hears_pong(client)
    assert await in_store(_leavings)(game) == []


# --- rematches ----------------------------------------------------------------------------------------------------


def _ended(one: Person, other: Person, **fields: Any) -> Game:
    now = timezone.now()
    _have_been_here_for_long(one, other)
    return store_game(
        one.player, other.player, state="finished", rated=True, initial=60, increment=0, create_time=now,
        start_time=now, end_time=now, rated_at=now, **fields,
    )  # fmt: skip


def _resting(somebody: Person, other: Person) -> None:
    """They have ended three rated games before both had moved."""
    for _ in range(3):
        game = _ended(somebody, other, reason="aborted")
        append(game, "end", timezone.now(), seat=1, body='{"reason":"aborted","winner":null}')


@story
async def test_who_rests_from_rated_games_gets_no_rated_rematch(
    server: ServerProcess, alice: Person, bob: Person
) -> None:
    game = await in_store(_ended)(alice, bob, reason="resignation", winner=1)
    async with Table(server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await second.say("offer_rematch")
        await first.hear("rematch_offered")
        await in_store(_resting)(alice, bob)
        assert await first.refused("offer_rematch") == "not_rated"
        # Neither can the other side take them into one.
        await second.say("decline_rematch")
        await first.hear("rematch_declined")
        assert await second.refused("offer_rematch") == "not_rated"
    unrated = await in_store(_ended)(alice, bob, reason="resignation", winner=1)
    await in_store(Game.objects.filter(pk=unrated.pk).update)(rated=False)
    async with Table(server, unrated) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await first.say("offer_rematch")
        await second.hear("rematch_offered")
        await second.say("offer_rematch")
        await first.hear("rematch_started")
