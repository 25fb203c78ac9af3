"""The production server: uvicorn with a shutdown that drains, and two departures from its WebSocket protocol.

Stock uvicorn closes its listener and every socket at once on SIGTERM, before the commands under way are answered, and
Channels has no lifespan through which to hear of it.
"""

import asyncio
import logging
import socket
from typing import Any

import uvicorn
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from config import notification
from config.heartbeats import Heartbeats
from config.notification import Notifier
from games.protocol import MAX_MESSAGE_BYTES, SEND_FRAME
from games.registry.registry import Registry

log = logging.getLogger("fourline.server")

READ_AHEAD = 16
"""Messages that may wait for a consumer before its socket is read no further."""
GONE_WITHIN = 3.0
"""Seconds beyond the draining in which everybody is told and gone; what is left of them is for closing handshakes."""
GOODBYE = 0.5
"""Seconds that connections get for their closing handshake in any case."""

_UNSOLICITED_PONG = b"\x8a\x00"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, reading a little ahead.

    The parent stops and starts reading around every single message, which is two calls into the kernel a message; this
    does so only when several wait.
    """

    def handle_connect(self, event: Request) -> None:
        """Offer `send_frame` to the application, as an extension of ASGI's."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = dict(self.scope.get("extensions") or {})
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # uvicorn names only its own extensions
            scope["extensions"] = {**extensions, SEND_FRAME: self.send_frame}

    def send_frame(self, frame: bytes) -> bool:
        """Write a whole frame at once, if that can be done without waiting.

        A server's frames are not masked and ours not compressed, so everybody who hears an event hears the same bytes,
        encoded once: 5000 spectators hear of a move 1.1 times as late as by the library's own broadcast, and 3.6 times
        as late through Daphne's `send` (docs/performance.md).

        Args:
            frame: as `games.protocol.frame` makes it.

        Returns:
            False when the client doesn't read fast enough, or the connection is not open: nothing was sent.
        """
        if not self.handshake_complete or self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        if self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def beat(self) -> None:
        """Send a sign of life that nobody answers; none where what was sent before still waits."""
        if self.transport.get_write_buffer_size() == 0:
            self.send_frame(_UNSOLICITED_PONG)

    def send_receive_event_to_app(self) -> None:
        """Queue a whole message for the application."""
        was_paused = self.read_paused
        self.read_paused = True  # what the parent looks at before it pauses
        super().send_receive_event_to_app()
        self.read_paused = was_paused
        if not was_paused and self.queue.qsize() >= READ_AHEAD:
            self.read_paused = True
            self.transport.pause_reading()

    async def send(self, message: ASGISendEvent) -> None:
        """Send, and count a handshake that the application refused with a status of its own as complete.

        The parent logs such a refusal as an error of the application.
        """
        if self.transport.is_closing() and not self.handshake_complete:
            self.handshake_complete = True  # there is nobody left to complete it with; the parent logs an error else
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True


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
        """Open the registry, which lives as long as the server; then listen, and say so."""
        Registry.open()
        await super().startup(sockets)
        self._heartbeats.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse newcomers, empty the journal, say goodbye; then the parent's shutdown."""
        registry = Registry.here()
        gone_at = asyncio.get_running_loop().time() + self._drain_seconds + GONE_WITHIN
        registry.connections.is_draining = True
        self._notifier.tell(notification.STOPPING)
        log.info("draining: new connections are refused, %d are open", len(registry.connections))
        if not self.force_exit:
            await asyncio.sleep(self._drain_seconds)
        await registry.settle()
        await registry.connections.drain()
        await self._wait_for_goodbyes(registry, gone_at)
        self._heartbeats.stop()
        await registry.close()
        await super().shutdown(sockets)

    async def _wait_for_goodbyes(self, registry: Registry, gone_at: float) -> None:
        end = max(gone_at, asyncio.get_running_loop().time() + GOODBYE)
        # A client's own close has to come first: closing before it may cost the client what it hasn't read yet.
        while (len(registry.connections) or self._sockets()) and asyncio.get_running_loop().time() < end:
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
