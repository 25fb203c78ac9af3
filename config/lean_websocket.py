"""uvicorn's WebSocket protocol at less cost for usual clients: what makes a connection, and what is sent on it.

A request that was read already (`config.upgrades`) is not written down for the library and parsed again; the library's
state of a connection is made when something unusual comes; and the answer to the request goes out together with the
first event. What is unusual is left to the parent.
"""

import asyncio
import logging
import secrets
from typing import Any
from urllib.parse import unquote

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent, WebSocketScope
from uvicorn.config import Config
from uvicorn.protocols.utils import is_ssl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from config import frames
from config.upgrades import Upgrade
from games.protocol import SEND_FRAME, frame

ANSWERED_WITHIN = 0.05
"""Seconds for which the answer to a request waits for the first event: one call of the kernel instead of two. No
longer, because a proxy gives up whoever is silent."""
LONGEST_TEXT = 16 * 1024
"""Characters of a text whose frame is made here: less than 64 KiB."""

_log = logging.getLogger("uvicorn.error")


class LeanWebSocket(WebSocketsSansIOProtocol):
    """One connection."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        """The parent's, without the library's state of a connection, which costs as much as all the rest."""
        self.config, self.app, self.app_state = config, config.loaded_app, app_state
        self.root_path, self.asgi_version = config.root_path, config.asgi_version
        self.loop = asyncio.get_running_loop()
        self.logger = _log
        self.connections, self.tasks = server_state.connections, server_state.tasks
        self.default_headers = server_state.default_headers

        self.queue: asyncio.Queue[ASGIReceiveEvent] = asyncio.Queue()
        self.handshake_initiated = self.handshake_complete = self.close_sent = self.disconnected = False
        self.close_timer: asyncio.TimerHandle | None = None
        self.close_timeout = 10.0
        self.initial_response = None
        self.read_paused = False
        self.writable = asyncio.Event()
        self.writable.set()
        self.ping_interval, self.ping_timeout = config.ws_ping_interval, config.ws_ping_timeout
        self.ping_timer: asyncio.TimerHandle | None = None
        self.pong_timer: asyncio.TimerHandle | None = None
        self.pending_ping_payload = None
        self.ping_sent_at = self.last_ping_rtt = 0.0
        self.frames: list[bytes] = []

        self._conn: ServerProtocol | None = None
        self._upgrade: Upgrade | None = None
        self._answer = b""
        """To a request that the application has accepted; it goes out with the first event."""
        self._answer_timer: asyncio.TimerHandle | None = None

    @property
    def conn(self) -> ServerProtocol:  # type: ignore[override]  # an attribute of the parent's
        """The library's state of this connection: made when it is first needed, for most never."""
        if self._conn is None:
            state = State.CONNECTING if self._upgrade is None else State.OPEN
            self._conn = ServerProtocol(state=state, max_size=self.config.ws_max_size, logger=_log)
        return self._conn

    def meet(self, transport: asyncio.Transport, server: Any, client: Any) -> None:
        """`connection_made`, for a connection whose ends are known.

        Args:
            transport: it was another protocol's until now.
            server, client: the addresses of both ends, as ASGI has them.
        """
        self.connections.add(self)
        self.transport, self.server, self.client = transport, server, client
        self.scheme = "wss" if is_ssl(transport) else "ws"

    def take_upgrade(self, upgrade: Upgrade) -> None:
        """Put a request for a socket before the application."""
        self._upgrade = upgrade
        self.handshake_initiated = True
        path, _, query = upgrade.target.partition("?")
        self.scope: WebSocketScope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(path),
            "raw_path": (self.root_path + path).encode("ascii"),
            "query_string": query.encode("ascii"),
            "headers": [*upgrade.headers.items()],
            "subprotocols": upgrade.subprotocols,
            "state": self.app_state.copy(),
            "extensions": {"websocket.http.response": {}},
        }
        self._offer_extensions()
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def handle_connect(self, event: Request) -> None:
        """Put an unusual request before the application, as the parent does it."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self._offer_extensions()

    def _offer_extensions(self) -> None:
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # uvicorn's types name only its own extensions
        self.offer_extensions(scope["extensions"])

    def offer_extensions(self, extensions: dict[str, Any]) -> None:
        """Offer `send_frame` to the application, as an extension of ASGI's.

        Args:
            extensions: of this connection's scope.
        """
        extensions[SEND_FRAME] = self.send_frame

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for the answer any more."""
        super().connection_lost(exc)
        self._answer = b""
        if self._answer_timer is not None:
            self._answer_timer.cancel()

    # --- control frames -----------------------------------------------------------------------------------------

    def take_control(self, frame: bytes) -> bool:
        """Answer a ping or a close, and take note of a pong, as the library and the parent do.

        Args:
            frame: a whole control frame, as it came.

        Returns:
            False where only the library can tell what it means; nothing was done.
        """
        if self._conn is not None or self.close_sent:
            return False
        opcode, payload = frames.control(frame)
        if opcode is Opcode.CLOSE:
            return self._take_close(payload)
        if opcode is Opcode.PING:
            self.transport.write(frames.unmasked(Opcode.PONG, payload))
            self.handle_ping()
        else:
            self.handle_pong(Frame(Opcode.PONG, payload))
        return True

    def _take_close(self, payload: bytes) -> bool:
        close = frames.close(payload)
        if close is None:
            return False
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(frames.unmasked(Opcode.CLOSE, payload))
        self.close_sent = True
        self.transport.close()
        return True

    def handle_ping(self) -> None:
        """A ping came; where the library reads, its answer goes out."""
        if self._conn is not None:
            super().handle_ping()

    def send_keepalive_ping(self) -> None:
        """Ping as the parent does, without the library."""
        self.ping_timer = None
        if not self._is_open or self.ping_timeout is None:
            return
        self.pending_ping_payload = secrets.token_bytes(4)
        self.ping_sent_at = self.loop.time()
        self.transport.write(frames.unmasked(Opcode.PING, self.pending_ping_payload))
        self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)

    @property
    def _is_open(self) -> bool:
        """Whether frames may be sent."""
        if not self.handshake_complete or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        return self._conn is None or self._conn.state is State.OPEN

    # --- what goes out ------------------------------------------------------------------------------------------

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
        if self._answer:
            return self._send_answer(frame)
        if not self.writable.is_set() or not self._is_open:
            return False
        self.transport.write(frame)
        return True

    async def send(self, message: ASGISendEvent) -> None:
        """Take what the application says.

        Raises:
            ClientDisconnected: there is nobody any more to send it to.
        """
        if message["type"] == "websocket.accept" and self._upgrade is not None and not self.handshake_complete:
            headers = [*self.default_headers, *message.get("headers", ())]
            self._answer = self._upgrade.answer(headers, message.get("subprotocol"))
            self._answer_timer = self.loop.call_later(ANSWERED_WITHIN, self._send_answer)
            return
        self._send_answer()
        text: Any = message.get("text")
        if text is None or len(text) > LONGEST_TEXT or not self.send_frame(frame(text)):
            await super().send(message)

    def _send_answer(self, further: bytes = b"") -> bool:
        """Complete the handshake, if the application has accepted it and it isn't complete.

        Args:
            further: what goes with it.

        Returns:
            Whether anything was sent.
        """
        answer, self._answer = self._answer, b""
        if not answer or self.transport.is_closing():
            return False
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None
        self.handshake_complete = True
        self.transport.write(answer + further)
        self.start_keepalive()
        self.handshake_completed()
        return True

    def handshake_completed(self) -> None:
        """For subclasses: frames may come."""
