"""Nobody stays behind: sync, ping, a second tab, a spectator who takes the seat, changes made by another process."""

import asyncio
from typing import Any

import pytest

from games import runtime
from games.game.commands import Adjudicate, Join
from games.game.people import HOUSE, House, Participant
from games.models import Game, Player
from games.protocol import PlayMove
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import story
from tests.support.wire import WITHIN, Client


async def elsewhere(game: Game, asker: Person | House, command: Any) -> None:
    """Run a command as another process would."""
    by = asker if isinstance(asker, House) else asker.player.pk
    await asyncio.to_thread(runtime.call, lambda here: here.registry.run(game.pk, by, command))


async def seats(client: Client) -> tuple[bool, bool, int]:
    """The next presence."""
    presence = await client.hear("presence")
    return presence["participant1"], presence["participant2"], presence["spectators"]


@story
async def test_sync_and_ping(server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    async with Table(server, game) as table:
        client, other = await table.seat(alice), await table.seat(bob)
        await client.play(3, 1)
        await other.hear("move_played")
        await other.say("sync", id=1)
        snapshot = await other.hear("snapshot")
        assert (snapshot["id"], snapshot["you"], snapshot["game"]["moves"]) == (1, 2, [3])
        await other.say("ping", version=2, id=2)
        pong = await other.hear("pong", "snapshot")
        assert (pong["version"], pong["id"]) == (2, 2)
        assert pong["serverTime"].endswith("Z")
        assert "rematch" not in pong
        await other.say("ping", version=1)
        assert (await other.hear("pong", "snapshot"))["type"] == "pong"
        assert (await other.hear("snapshot"))["game"]["version"] == 2


@story
async def test_a_deleted_person_has_no_name_in_games_that_are_open(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(lone_server, game) as table:
        client = await table.seat(bob)
        await Player.objects.filter(pk=alice.player.pk).aupdate(name=Player.DELETED_NAME)
        async with asyncio.timeout(WITHIN):
            shown = ""
            while shown != Player.DELETED_NAME:  # the store is asked every 2 s
                await client.say("sync")
                shown = (await client.hear("snapshot"))["game"]["participant1"]
                await asyncio.sleep(0.3)


@story
async def test_a_second_tab_plays_too(server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    async with Table(server, game) as table:
        one, two, other = [await table.seat(person) for person in (alice, alice, bob)]
        await one.play(3, 1)
        await other.play(3, 2)
        await two.play(2, 3)
        for client in (one, two):
            await client.say("sync")
            snapshot = await client.hear("snapshot")
            assert (snapshot["you"], snapshot["game"]["notation"]) == (1, "443")


@story
async def test_presence_counts_people_not_tabs(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(lone_server, game) as table:
        watcher = await table.seat(bob)
        async with Table(lone_server, game) as tabs:
            await tabs.seat(alice)
            assert await seats(watcher) == (True, True, 0)
            async with Table(lone_server, game) as another:
                await another.seat(alice)
            await tabs.seat(bob)
        assert await seats(watcher) == (False, True, 0)


@story
async def test_who_watches_and_joins_has_the_seat(
    server: ServerProcess, waiting_game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, waiting_game) as table:
        creator, joiner = await table.seat(alice), await table.seat(bob)
        assert await joiner.refused("play_move", column=3, ply=1) == "not_a_participant"
        await bob.join(server, waiting_game)
        for client in (creator, joiner):
            started = await client.hear("game_started")
            assert (started["version"], started["game"]["participant2"]) == (1, "bob")
        while await seats(creator) != (True, True, 0):
            pass
        await creator.play(3, 1)
        assert (await joiner.play(3, 2))["participant"] == 2


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
@story
async def test_what_another_process_changes_is_heard_of_within_seconds(
    kind: str,
    waiting_game: Game,
    alice: Person,
    bob: Person,
    uvicorn_server: ServerProcess,
    daphne_server: ServerProcess,
) -> None:
    server = {"uvicorn": uvicorn_server, "daphne": daphne_server}[kind]
    async with Table(server, waiting_game) as table:
        creator, joiner = await table.seat(alice), await table.seat(bob)
        await elsewhere(waiting_game, bob, Join(Participant(bob.player.pk, "bob")))
        await elsewhere(waiting_game, alice, PlayMove(column=3, ply=1))
        for client in (creator, joiner):
            assert (await client.hear("game_started"))["version"] == 1
            assert (await client.hear("move_played"))["version"] == 2
        while await seats(creator) != (True, True, 0):
            pass
        assert (await joiner.play(3, 2))["participant"] == 2
        await elsewhere(waiting_game, HOUSE, Adjudicate(2, "tried"))
        finished = await creator.hear("game_finished")
        assert finished["outcome"] == {"winner": 2, "reason": "adjudication", "line": None}
        assert finished["version"] == 4


@story
async def test_a_command_meets_what_another_process_stored(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    """A change that comes too late is judged again on what is stored."""
    async with Table(lone_server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await elsewhere(game, alice, PlayMove(column=3, ply=1))
        assert await first.refused("play_move", column=6, ply=1) == "wrong_ply"
        assert (await second.play(3, 2))["version"] == 3
        await elsewhere(game, HOUSE, Adjudicate(None, "tried"))
        assert await first.refused("play_move", column=6, ply=3) == "game_finished"
        await first.say("sync")
        assert (await first.hear("snapshot"))["game"]["notation"] == "44"
