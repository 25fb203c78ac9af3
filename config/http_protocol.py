"""uvicorn's HTTP protocol, with bounds on what one connection may cost everybody else: in time, and in descriptors."""

import asyncio
import resource
from enum import Enum
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.utils import is_ssl
from uvicorn.server import ServerState

from config import upgrades
from config.frame_limits import LINGER
from config.intake import Intake
from config.websocket_protocol import BUFFER, STALLED_AFTER, WebSocketProtocol

HTTP_BUFFER = bytearray(4096)
"""What comes in by HTTP is parsed in pieces of this size."""
MOST_WAITED_FOR = 1000
"""Connections that owe us a request, or the rest of one, or are kept alive for the next: beyond it the longest goes."""
RESERVED = 64
"""Descriptors that connections leave for the database, for files and for saying why nobody is let in."""


class Phase(Enum):
    """What a client owes us."""

    FIRST_BYTE = "to be told that there is no room"
    HEADER = "a request's header, whole"
    BODY = "its body, whole"
    NEXT_REQUEST = "another request, or none"


WITHIN = {Phase.FIRST_BYTE: 1.0, Phase.HEADER: 10.0, Phase.BODY: 30.0, Phase.NEXT_REQUEST: 5.0}
"""Seconds that it has for it."""


class HttpProtocol(H11Protocol):
    """uvicorn's, reading a little at a time and waiting for nobody for ever."""

    intake: Intake
    """What feeds us."""
    _waited_for: dict["HttpProtocol", None] = {}  # noqa: RUF012  one for all connections of a process, the longest first

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._given = config, server_state, app_state
        self.connections = server_state.connections
        self.loop = _loop or asyncio.get_running_loop()
        self.cycle: RequestResponseCycle = None  # type: ignore[assignment]  # as the parent's
        self._is_http = False
        """Whether the parent was told of this connection, which it is when the first request turns out to be its."""
        self._phase: Phase | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._has_come = False
        self._is_turned_away = False
        self._is_leaving = False

    # --- the life of a connection -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent's
        """Wait for the first request, where there is room."""
        self.connections.add(self)
        self.transport, self.flow = transport, FlowControl(transport)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        # The lowest free number is given: so this one tells how many descriptors are in use, whatever for.
        number = transport.get_extra_info("socket").fileno()
        if number >= most - min(RESERVED, most // 4) // 2:
            transport.abort()
            return
        self._is_turned_away = number >= most - min(RESERVED, most // 4)
        self._enter(Phase.FIRST_BYTE if self._is_turned_away else Phase.HEADER)
        if len(self._waited_for) > min(MOST_WAITED_FOR, most // 2):
            longest = next(iter(self._waited_for))
            longest._enter(None)
            longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is expected."""
        if self._is_http:
            super().connection_lost(exc)
        else:
            self.connections.discard(self)
        self._enter(None)
        if self._stall is not None:
            self._stall.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless we are about to part."""
        self._has_come = True
        if self._is_leaving:
            return
        if self._is_turned_away:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, b"Retry-After: 3\r\n")
            return
        if not self._is_http:
            upgrade = upgrades.read(data)
            if upgrade is not None:
                self._hand_over().take_upgrade(upgrade)
                return
            self._begin_http()
        super().data_received(data)
        self._expect({h11.IDLE: Phase.HEADER, h11.SEND_BODY: Phase.BODY}.get(self.conn.their_state))

    def _begin_http(self) -> None:
        """What the parent does when a connection is made: half of what it costs, and of no use to a socket."""
        config, server_state, app_state = self._given
        transport, flow = self.transport, self.flow
        super().__init__(config=config, server_state=server_state, app_state=app_state)
        self.transport, self.flow = transport, flow
        self.server, self.client = _addresses(transport)
        self.scheme = "https" if is_ssl(transport) else "http"
        self._is_http = True

    def on_response_complete(self) -> None:
        """Wait for the rest of a request that was answered early, or for the next."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._enter(None)
            if self.transport.get_write_buffer_size():
                self.pause_writing()  # who doesn't read the end of an answer is not waited for either
        elif self.conn.their_state is h11.SEND_BODY:
            self._expect(Phase.BODY)
        else:
            self._expect(Phase.NEXT_REQUEST if self.conn.their_state is h11.IDLE else None)

    def may_read(self) -> bool:
        """Whether more may be read now."""
        return not self.flow.read_paused

    # --- patience -----------------------------------------------------------------------------------------------

    def _expect(self, phase: Phase | None) -> None:
        """Go on waiting, or begin to; the time of a phase doesn't start again with every byte."""
        if phase is not self._phase and not self._is_leaving and not self.transport.is_closing():
            self._enter(phase)

    def _enter(self, phase: Phase | None) -> None:
        self._phase = phase
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._waited_for.pop(self, None)
        if phase is not None:
            self._waited_for[self] = None
            self._deadline = self.loop.call_later(WITHIN[phase], self.give_up)

    def give_up(self) -> None:
        """End a connection that owes us something: with 408 in the middle of a request, else without a word."""
        phase = self._phase
        self._enter(None)
        is_answered = self.cycle is not None and self.cycle.response_started
        if phase is Phase.NEXT_REQUEST or not self._has_come or (phase is Phase.BODY and is_answered):
            self.transport.abort()
            return
        if phase is Phase.BODY:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _refuse(self, status: HTTPStatus, header: bytes = b"") -> None:
        """Answer and part; what still comes is thrown away for a moment.

        A connection that is closed while its client sends is reset, and the client may never read the answer.
        """
        self._enter(None)
        self._is_leaving = True
        body = f"{status.phrase}\n".encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: {len(body)}\r\n".encode()
        kind = b"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
        self.transport.write(head + kind + header + b"\r\n" + body)
        self.flow.resume_reading()
        self.transport.write_eof()
        self._deadline = self.loop.call_later(LINGER, self.transport.abort)

    def pause_writing(self) -> None:
        """The client doesn't read its answer: not for ever."""
        super().pause_writing()
        if self._stall is None:
            self._stall = self.loop.call_later(STALLED_AFTER, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._stall is not None and not self.transport.is_closing():
            self._stall.cancel()
            self._stall = None

    def shutdown(self) -> None:
        """The server ends: a request that is still coming is not waited for."""
        if self._phase is None and self._is_http:
            super().shutdown()
        else:
            self.give_up()

    # --- sockets ------------------------------------------------------------------------------------------------

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection to a `WebSocketProtocol`: the parent's way, for requests that are in some way unusual."""
        request = [event.method, b" ", event.target, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            request += [name, b": ", value, b"\r\n"]
        protocol = self._hand_over()
        protocol.data_received(b"".join([*request, b"\r\n"]))
        protocol.early = self.conn.trailing_data[0]

    def _hand_over(self) -> WebSocketProtocol:
        self._enter(None)
        self._is_leaving = True
        self.connections.discard(self)
        config, server_state, app_state = self._given
        protocol = WebSocketProtocol(config=config, server_state=server_state, app_state=app_state)
        protocol.meet(self.transport, *_addresses(self.transport))
        self.intake.hand_to(protocol, BUFFER)
        return protocol


def _addresses(transport: asyncio.Transport) -> tuple[tuple[str, int | None] | None, tuple[str, int] | None]:
    """Of both ends of a connection, as ASGI has them.

    uvicorn asks the socket for them, which on uvloop makes a new object of Python's and lets go of its lock: 0.03 ms,
    and a wait of milliseconds where other threads work.
    """
    here, there = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
    if isinstance(here, str):
        return (here, None), None  # a Unix socket
    server = (str(here[0]), int(here[1])) if here else None
    return server, (str(there[0]), int(there[1])) if there else None


def http_connection(**given: Any) -> asyncio.BufferedProtocol:
    """A new connection, as uvicorn asks for one."""
    protocol = HttpProtocol(**given)
    protocol.intake = Intake(protocol, HTTP_BUFFER)
    return protocol.intake
