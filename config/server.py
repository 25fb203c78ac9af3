"""The production server: uvicorn with a shutdown that drains, and protocols that bound what a connection may cost.

Stock uvicorn closes its listener and every socket at once on SIGTERM, before the commands under way are answered, and
Channels has no lifespan through which to hear of it.
"""

import asyncio
import logging
import socket

import uvicorn

from config import notification
from config.heartbeats import Heartbeats
from config.http_protocol import http_connection
from config.notification import Notifier
from config.websocket_protocol import WebSocketProtocol
from games.protocol import MAX_MESSAGE_BYTES
from games.runtime import Runtime

log = logging.getLogger("fourline.server")

GONE_WITHIN = 3.0
"""Seconds beyond the draining in which everybody is told and gone; what is left of them is for closing handshakes."""
GOODBYE = 0.5
"""Seconds that connections get for their closing handshake in any case."""


class Server(uvicorn.Server):
    """Drains before it shuts down.

    Args:
        config: uvicorn's.
        drain_seconds: for how long, with the listener still open, new sockets are refused and ``/readyz`` says 503,
            so that a balancer can turn away.
    """

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._notifier = Notifier.of_environment()
        self._heartbeats = Heartbeats(self._notifier, self._sockets if config.proxy_headers else None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the runtime, which lives as long as the server; then listen, and say so."""
        Runtime.open().serve()
        await super().startup(sockets)
        self._heartbeats.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse newcomers, empty the journal, say goodbye; then the parent's shutdown."""
        here = Runtime.here()
        gone_at = asyncio.get_running_loop().time() + self._drain_seconds + GONE_WITHIN
        here.connections.is_draining = True
        self._notifier.tell(notification.STOPPING)
        log.info("draining: new connections are refused, %d are open", len(here.connections))
        if not self.force_exit:
            await asyncio.sleep(self._drain_seconds)
        await here.registry.settle()
        await here.connections.drain()
        await self._wait_for_goodbyes(here, gone_at)
        self._heartbeats.stop()
        await here.close()
        await super().shutdown(sockets)

    async def _wait_for_goodbyes(self, here: Runtime, gone_at: float) -> None:
        end = max(gone_at, asyncio.get_running_loop().time() + GOODBYE)
        # A client's own close has to come first: closing before it may cost the client what it hasn't read yet.
        while (len(here.connections) or self._sockets()) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
        left = self._sockets()
        if not left:
            return
        # Who doesn't even read is cut off; the parent would wait for it, and complain.
        for connection in left:
            connection.transport.abort()
        await asyncio.sleep(0.1)  # for their consumers to end

    def _sockets(self) -> list[WebSocketProtocol]:
        return [connection for connection in self.server_state.connections if isinstance(connection, WebSocketProtocol)]


def config(host: str, port: int, trusted_proxies: str) -> uvicorn.Config:
    """uvicorn's configuration for Fourline.

    Args:
        host, port: where to listen.
        trusted_proxies: addresses whose forwarded headers are believed, comma separated; empty for none.
    """
    return uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        http=http_connection,  # type: ignore[arg-type]  # called as a class is
        ws=WebSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        # A connection's compression costs 30 to 90 KB; our messages have a few hundred bytes.
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        lifespan="off",
        access_log=False,
        # Its own lines quote addresses with their queries, which are nobody's business.
        log_level="warning",
        log_config=None,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies or None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
