"""SIGTERM with the listener still open: the balancer is told, newcomers are refused, everybody gets a goodbye."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest
import websockets

from games.models import Move
from tests.support.arenas import arena
from tests.support.slowness import slowness
from tests.support.wire import Client

DRAIN_SECONDS = 6
"""Within which a busy machine, too, answers some requests."""
GONE_WITHIN = 10.0
"""Seconds that an idle machine has for the end of a server with nobody connected; it takes half a second."""


def test_while_draining_the_listener_is_open_and_newcomers_are_refused(tmp_path: Path, sqlite_url: str) -> None:
    async def drain() -> None:
        server, game = place.server, place.games[0]
        path = f"/ws/games/{game.pk}/"
        async with Client(server.ws_url, path, place.sessions[game.participant1_id]) as client:
            await client.hear("snapshot")
            assert await asyncio.to_thread(server.get, "/readyz") == 200
            assert server.process is not None
            server.process.send_signal(signal.SIGTERM)
            while await asyncio.to_thread(server.get, "/readyz") == 200:
                pass
            assert await asyncio.to_thread(server.get, "/readyz") == 503
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with Client(server.ws_url, path):
                    pass
            assert refused.value.response.status_code == 503
            assert (await client.play(3, 1))["version"] == 2  # who is there plays on
            await client.hear("server_restarting")
            assert await client.closed() == 4012
        await asyncio.to_thread(server.stop)

    with arena(tmp_path, sqlite_url, 1, DRAIN_SECONDS=str(DRAIN_SECONDS)) as place:
        asyncio.run(drain())
        assert Move.objects.count() == 1
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", place.server.port))
    assert not place.complaints


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_without_a_word(tmp_path: Path, sqlite_url: str, number: signal.Signals) -> None:
    with arena(tmp_path, sqlite_url, 1) as place:
        assert place.server.process is not None
        place.server.process.send_signal(number)
        place.server.process.wait(GONE_WITHIN * slowness())
    assert not place.complaints
