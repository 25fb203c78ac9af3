"""Daphne's sockets, with bounds on what one connection may cost everybody else, as far as its libraries let us."""

from typing import Any
from urllib.parse import urlsplit

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from daphne.server import twisted_loop
from daphne.ws_protocol import WebSocketProtocol

from config.frame_limits import CONTROL_COST, LINGER, MOST_FRAGMENTS, new_budget
from games.access import addresses
from games.access.quotas import note_flood
from games.metrics import figures
from games.protocol import CloseCode

READ_AT_ONCE = 512
"""Bytes of a connection that are read in one turn of the reactor, and parsed: at most 85 frames, some 2 ms."""
MOST_EARLY = 4096
"""Bytes that may come before the handshake is answered."""
MOST_UNSENT = 64 * 1024
"""Bytes that may wait for a client that doesn't read: Daphne can't wait for it, so it is cut off."""


class BoundedSocket(WebSocketProtocol):
    """Daphne's, counting every frame and byte."""

    def connectionMade(self) -> None:  # noqa: N802  Twisted's name
        """Read little at once: the parser copies all that it has for each frame."""
        self._budget = new_budget(twisted_loop.time())
        self._fragments = 0
        self._early: bytes | None = None
        self._is_cut_off = False
        self.transport.bufferSize = READ_AT_ONCE
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  Twisted's name
        """Take a request, then what came too early, then frames."""
        if self._is_cut_off:
            return
        if self.state == self.STATE_CONNECTING:
            self._take_handshake(data)
            return
        super().dataReceived(data)
        self._budget.size -= len(data)
        is_spent = self._budget.frames < 0 or self._budget.size < 0
        if self._fragments > MOST_FRAGMENTS or (is_spent and not self._budget.renew(twisted_loop.time())):
            note_flood(addresses.of_scope({"client": self.client_addr}))
            self._cut_off(CloseCode.RATE_LIMITED)
        elif self._unsent() > MOST_UNSENT:
            self.dropConnection(abort=True)

    def _take_handshake(self, data: bytes) -> None:
        if self._early is None:
            self._early = b""
            super().dataReceived(with_legible_origin(data))
            return
        self._early += data
        if len(self._early) > MOST_EARLY:
            self.dropConnection(abort=True)

    def onConnect(self, request: ConnectionRequest) -> Any:  # noqa: N802  autobahn's name
        """Refuse an address that begins with several slashes; autobahn takes what is between them for a host."""
        if self.http_request_uri.startswith("//"):
            raise ConnectionDeny(403)
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802  autobahn's name
        """The handshake is answered: now what came before that."""
        super().onOpen()
        if self._early:
            twisted_loop.call_soon(self.dataReceived, self._early)

    def onFrameBegin(self) -> None:  # noqa: N802  autobahn's name
        """Count a frame."""
        opcode = self.current_frame.opcode
        self._budget.frames -= CONTROL_COST if opcode == 0 or opcode > 7 else 1
        if opcode == 0:
            self._fragments += 1
        elif opcode < 8:
            self._fragments = 0
        super().onFrameBegin()

    def _max_message_size_exceeded(self, msg_size: int, max_msg_size: int, reason: str) -> None:
        """Say why; autobahn would drop the connection."""
        self._cut_off(CloseCode.MESSAGE_TOO_BIG)
        self.failedByMe = True  # so autobahn keeps nothing of the message

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802  Daphne's name
        """Send, but not to somebody who doesn't read."""
        if self._unsent() > MOST_UNSENT:
            self.dropConnection(abort=True)
        else:
            super().serverSend(content, binary)

    def _unsent(self) -> int:
        transport: Any = self.transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def _cut_off(self, code: CloseCode) -> None:
        """Close, and read nothing more: what still comes stays in the kernel."""
        self._is_cut_off = True
        figures.closed[code] += 1
        self.sendClose(code=int(code))  # it takes nothing but an int
        self.transport.pauseProducing()
        twisted_loop.call_later(LINGER, self.dropConnection, True)


def with_legible_origin(request: bytes) -> bytes:
    """A request for a socket whose Origin autobahn can read: to any other it answers 400, before ours is asked.

    Args:
        request: as Daphne writes it down, one line for each header.

    Returns:
        The same, with ``null``, as foreign an origin, in place of one that names no host.
    """
    head, end, rest = request.partition(b"\r\n\r\n")
    lines = [b"Origin: null" if _is_illegible_origin(line) else line for line in head.split(b"\r\n")]
    return b"\r\n".join(lines) + end + rest


def _is_illegible_origin(line: bytes) -> bool:
    name, _, value = line.partition(b":")
    if name.lower() != b"origin":
        return False
    try:
        origin = urlsplit(value.decode("latin-1").strip())
        return origin.hostname is None or origin.port == 0
    except ValueError:  # no address at all, or a port that is no number
        return True
