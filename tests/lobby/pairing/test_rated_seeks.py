"""Rated seeks, and ranges of ratings, over `/ws/lobby/`: who meets whom."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from games.models import Game, Player, Rating
from lobby.models import Seek, User
from tests.lobby.pairing.seeking import MINUTE, RATED, lobby
from tests.support.servers import ServerProcess
from tests.support.stored_games import LONG_AGO
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
