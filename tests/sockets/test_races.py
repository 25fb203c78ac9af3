"""Several at the same instant: exactly one is stored, and everybody tells the same story."""

import asyncio

import pytest

from games import runtime
from games.models import Game, Move
from games.protocol import GameError, PlayMove
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import in_store, story


def _stored(game: Game) -> list[int]:
    return list(Move.objects.filter(game=game).values_list("column", flat=True))


@pytest.mark.parametrize("attempt", range(3))
@story
async def test_two_tabs_move_at_the_same_instant(
    server: ServerProcess, game: Game, alice: Person, bob: Person, attempt: int
) -> None:
    async with Table(server, game) as table:
        tabs = [await table.seat(alice) for _ in range(4)]
        witness = await table.seat(bob)
        await asyncio.gather(*(tab.say("play_move", column=column, ply=1) for column, tab in enumerate(tabs)))
        heard = [await tab.hear("error", "move_played") for tab in tabs]
        played = await witness.hear("move_played")
    stored = await in_store(_stored)(game)
    assert stored == [played["column"]]
    for column, event in enumerate(heard):
        if event["type"] == "move_played":
            assert event["column"] == stored[0]
        else:
            assert event["code"] == "wrong_ply"
            assert column != stored[0]


@pytest.mark.parametrize("attempt", range(3))
@story
async def test_two_processes_move_at_the_same_instant(
    lone_server: ServerProcess, game: Game, alice: Person, attempt: int
) -> None:
    async def elsewhere() -> bool:
        move = PlayMove(column=6, ply=1)
        try:
            await asyncio.to_thread(runtime.call, lambda here: here.registry.run(game.pk, alice.player.pk, move))
        except GameError as error:
            assert error.code == "wrong_ply"
            return False
        return True

    async with Table(lone_server, game) as table:
        client = await table.seat(alice)
        answer, other_won = await asyncio.gather(client.play(0, 1), elsewhere())
        await client.say("sync")
        while (snapshot := await client.hear("snapshot"))["game"]["version"] < 2:
            await client.say("sync")
    stored = await in_store(_stored)(game)
    assert stored == snapshot["game"]["moves"] == ([6] if other_won else [0])
    if other_won:
        assert answer.get("code") == "wrong_ply" or answer["column"] == 6
    else:
        assert answer["column"] == 0


@story
async def test_a_move_and_a_resignation_at_the_same_instant(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, game) as table:
        mover, resigner = await table.seat(alice), await table.seat(bob)
        await asyncio.gather(mover.say("play_move", column=3, ply=1), resigner.say("resign"))
        finished = await mover.hear("game_finished")
        await mover.say("sync")
        snapshot = (await mover.hear("snapshot"))["game"]
    stored = await in_store(_stored)(game)
    assert snapshot["moves"] == stored
    assert snapshot["version"] == finished["version"] == 2 + len(stored)


@story
async def test_the_last_seat_goes_to_one(
    server: ServerProcess, waiting_game: Game, alice: Person, bob: Person, charlie: Person
) -> None:
    people = (bob, charlie)
    path = f"/join/{waiting_game.pk}/"
    async with Table(server, waiting_game) as table:
        creator = await table.seat(alice)
        statuses = await asyncio.gather(*(asyncio.to_thread(who.post, server, path) for who in people))
        name = (await creator.hear("game_started"))["game"]["participant2"]
    assert sorted(statuses) == [302, 409]
    assert name == people[statuses.index(302)].player.name
