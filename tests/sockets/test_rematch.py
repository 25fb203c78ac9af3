"""Another game with the seats swapped: offers, refusals, and exactly one however the acceptances race."""

import asyncio

import pytest

from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import ALICE_WINS, LONG_AGO, store_finished, store_game
from tests.support.stories import in_store, story


@pytest.fixture
def won_game(alice: Person, bob: Person) -> Game:
    """Alice, participant 1, has won."""
    return store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1, visibility="private")


def _the_rematch_of(game: Game) -> Game:
    return Game.objects.get(rematch_of=game)


@story
async def test_an_offer_accepted_is_a_new_game_with_the_seats_swapped(
    server: ServerProcess, won_game: Game, alice: Person, bob: Person, nobody: Person
) -> None:
    async with Table(server, won_game) as table:
        clients = [await table.seat(person) for person in (alice, bob, nobody)]
        await clients[0].say("offer_rematch")
        for client in clients:
            assert await client.hear("rematch_offered") == {"type": "rematch_offered", "participant": 1}
        await clients[1].say("ping")
        assert (await clients[1].hear("pong"))["rematch"] == {"offeredBy": 1, "game": None}
        await clients[1].say("offer_rematch")
        started = [await client.hear("rematch_started") for client in clients]
        new = await in_store(_the_rematch_of)(won_game)
        assert started == [{"type": "rematch_started", "game": new.pk}] * 3
        await clients[0].say("offer_rematch", id="again")
        assert await clients[0].hear("rematch_started") == {**started[0], "id": "again"}
        await clients[2].say("sync")
        assert (await clients[2].hear("snapshot"))["rematch"] == {"offeredBy": None, "game": new.pk}
    async with bob.at(server, new) as client:
        snapshot = await client.hear("snapshot")
    assert snapshot["you"] == 1
    game = snapshot["game"]
    assert (game["participant1"], game["participant2"], game["firstMove"]) == ("bob", "alice", 1)
    assert (game["state"], game["version"], game["visibility"]) == ("in-progress", 1, "private")


@story
async def test_an_offer_is_taken_back_or_declined(
    lone_server: ServerProcess, won_game: Game, alice: Person, bob: Person
) -> None:
    async with Table(lone_server, won_game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        assert await first.refused("decline_rematch") == "rematch_unavailable"
        for who in (first, second):
            await first.say("offer_rematch")
            await second.hear("rematch_offered")
            await who.say("decline_rematch")
            declined = {"type": "rematch_declined", "participant": 1 if who is first else 2}
            assert await first.hear("rematch_declined") == declined
            assert await second.hear("rematch_declined") == declined
        await first.say("offer_rematch")
        await first.hear("rematch_offered")
        await first.say("offer_rematch", id="twice")
        assert await first.hear("rematch_offered") == {"type": "rematch_offered", "participant": 1, "id": "twice"}
    assert not await in_store(Game.objects.filter(rematch_of=won_game).exists)()


@story
async def test_both_offer_at_the_same_instant(
    server: ServerProcess, won_game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, won_game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await asyncio.gather(first.say("offer_rematch"), second.say("offer_rematch"))
        started = [await client.hear("rematch_started") for client in (first, second)]
    assert {event["game"] for event in started} == {(await in_store(_the_rematch_of)(won_game)).pk}


@story
async def test_two_acceptances_make_one_game(server: ServerProcess, won_game: Game, alice: Person, bob: Person) -> None:
    async with Table(server, won_game) as table:
        offering, *accepting = [await table.seat(person) for person in (alice, bob, bob, bob)]
        await offering.say("offer_rematch")
        for client in accepting:
            await client.hear("rematch_offered")
        await asyncio.gather(*(client.say("offer_rematch") for client in accepting))
        started = [await client.hear("rematch_started") for client in (offering, *accepting)]
    assert {event["game"] for event in started} == {(await in_store(_the_rematch_of)(won_game)).pk}


@story
async def test_a_game_nobody_joined_has_no_rematch(lone_server: ServerProcess, alice: Person) -> None:
    fields = {"state": "finished", "reason": "aborted", "end_time": LONG_AGO}
    game = await in_store(store_game)(alice.player, None, **fields)
    async with Table(lone_server, game) as table:
        creator = await table.seat(alice)
        assert await creator.refused("offer_rematch") == "rematch_unavailable"
        assert await creator.refused("decline_rematch") == "rematch_unavailable"
