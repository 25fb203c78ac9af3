"""Rated seeks, and ranges of ratings, over `/ws/lobby/`: who meets whom."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from django.utils import timezone

from games.models import Game, Player, Rating
from games.ratings.eligibility import MOST_ABORTS
from lobby.models import Seek, User
from tests.lobby.pairing.seeking import MINUTE, RATED, lobby
from tests.support.servers import ServerProcess
from tests.support.stored_games import LONG_AGO, append, store_game
from tests.support.stories import in_store, story

pytestmark = pytest.mark.django_db(transaction=True)


def _rated_ones(ratings: dict[str, float]) -> None:
    """Accounts that are not new, with ratings in blitz."""
    User.objects.update(date_joined=LONG_AGO)
    for name, rating in ratings.items():
        someone = Player.objects.of(User.objects.get(username=name))
        Rating.objects.create(
            player=someone, speed="blitz", rating=rating, deviation=60, volatility=0.06, games=9, last_game_at=LONG_AGO
        )


@story
async def test_a_rated_pair_gets_a_rated_game_on_the_ballot(server: ServerProcess, sessions: list[str]) -> None:
    await in_store(_rated_ones)({"alice": 1612.3})
    async with lobby(server, sessions[0]) as alice, lobby(server, sessions[1]) as bob:
        await alice.say("seek", **RATED)
        assert (await alice.hear("seeking"))["rated"] is True
        await bob.say("seek", **MINUTE)
        await bob.hear("seeking")
        await asyncio.sleep(1.5)
        assert not await Game.objects.aexists()
        await bob.say("seek", **RATED, ratingRange=[1600, 1700])
        game_id = (await alice.hear("paired"))["game"]
    game = await Game.objects.aget(pk=game_id)
    assert (game.rated, game.opening, game.takebacks) == (True, "ballot", False)
    assert (game.rating1, game.provisional1, game.rating2, game.provisional2) == (1612, False, 1500, True)


@story
async def test_rated_seeks_meet_by_rating(server: ServerProcess, sessions: list[str]) -> None:
    await in_store(_rated_ones)({"alice": 1500.0, "bob": 1700.0, "charlie": 1560.0})
    async with AsyncExitStack() as stack:
        alice, bob, charlie = [await stack.enter_async_context(lobby(server, session)) for session in sessions]
        for one in (alice, bob):
            await one.say("seek", **RATED)
            await one.hear("seeking")
        await asyncio.sleep(2.5)
        assert not await Game.objects.aexists()
        await charlie.say("seek", **RATED)
        assert (await charlie.hear("paired"))["game"] == (await alice.hear("paired"))["game"]
        assert await Seek.objects.values_list("player__name", flat=True).aget() == "bob"


@story
async def test_a_range_is_never_crossed(server: ServerProcess, sessions: list[str]) -> None:
    async with lobby(server, sessions[0]) as alice, lobby(server, sessions[1]) as bob:
        await alice.say("seek", **MINUTE, ratingRange=[1600, 2000])
        await bob.say("seek", **MINUTE)
        await bob.hear("seeking")
        await asyncio.sleep(2.5)
        assert not await Game.objects.aexists()
        await alice.say("seek", **MINUTE, ratingRange=[1400, 2000])
        await bob.hear("paired")


@story
async def test_marked_people_are_paired_with_marked_people_alone(server: ServerProcess, sessions: list[str]) -> None:
    await in_store(Player.objects.filter(name__in=("alice", "charlie")).update)(marked=True)
    async with AsyncExitStack() as stack:
        alice, bob, charlie = [await stack.enter_async_context(lobby(server, session)) for session in sessions]
        for one in (alice, bob):  # nothing but the mark keeps these two apart
            await one.say("seek", **MINUTE)
            await one.hear("seeking")
        await charlie.say("seek", **MINUTE)
        assert (await charlie.hear("paired"))["game"] == (await alice.hear("paired"))["game"]
        assert await Seek.objects.values_list("player__name", flat=True).aget() == "bob"
        assert await Game.objects.acount() == 1


def _rests(name: str, opponent: str) -> None:
    """Somebody has ended three rated games before both had moved, just now."""
    now = timezone.now()
    one, other = (Player.objects.get(name=each) for each in (name, opponent))
    for _ in range(MOST_ABORTS):
        game = store_game(
            one, other, state="finished", reason="aborted", rated=True, initial=60, increment=0, create_time=now,
            start_time=now, end_time=now, rated_at=now,
        )  # fmt: skip
        append(game, "end", now, seat=1, body='{"reason":"aborted","winner":null}')


@story
async def test_the_rated_seek_of_somebody_who_rests_ends_when_a_partner_comes(
    server: ServerProcess, sessions: list[str]
) -> None:
    await in_store(_rated_ones)({})
    async with AsyncExitStack() as stack:
        alice, bob, charlie = [await stack.enter_async_context(lobby(server, session)) for session in sessions]
        await alice.say("seek", **RATED)
        await alice.hear("seeking")
        await in_store(_rests)("alice", "charlie")
        await bob.say("seek", **RATED)
        await bob.hear("seeking")
        await alice.hear("seek_ended")
        assert await alice.refused("seek", **RATED) == "not_rated"
        await charlie.say("seek", **RATED)
        assert (await charlie.hear("paired"))["game"] == (await bob.hear("paired"))["game"]
        assert not await Seek.objects.aexists()
        await alice.say("seek", **MINUTE)  # an unrated game is anybody's
        await alice.hear("seeking")
