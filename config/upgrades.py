"""Requests for a WebSocket as nearly every client makes them, read once.

uvicorn parses such a request with h11, writes it down again and has the websockets library parse that: a third of what
a connection costs. What is read here is a strict subset of what both take; whatever is unusual is left to them, and so
is every refusal.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha1

MOST_BYTES = 4096
MOST_HEADERS = 64
"""Of a request that is read here; the library refuses 129 headers."""

_IN_NAMES = b"-!#$%&'*+.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
_IN_VALUES = bytes(range(0x21, 0x7F)) + b" \t"
_CONNECTION = re.compile(rb"(?i)(?:keep-alive, ?)?upgrade")
_KEY = re.compile(rb"[A-Za-z0-9+/]{21}[AQgw]==")
_SUBPROTOCOLS = re.compile(rb"[-.\w]+(?:, ?[-.\w]+)*")
_UNUSUAL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"trailer"})
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A request for a WebSocket that may be granted.

    Attributes:
        target: the path and query.
        headers: names in small letters, each there once.
        early: bytes that came with the request.
    """

    target: str
    headers: dict[bytes, bytes]
    early: bytes

    @property
    def subprotocols(self) -> list[str]:
        """What the client offers."""
        offered = self.headers.get(b"sec-websocket-protocol")
        return [] if offered is None else [name.strip() for name in offered.decode("ascii").split(",")]

    def answer(self, headers: list[tuple[bytes, bytes]], subprotocol: str | None) -> bytes:
        """The answer that grants it.

        Args:
            headers: further ones.
            subprotocol: the one that was chosen.
        """
        accept = b64encode(sha1(self.headers[b"sec-websocket-key"] + _GUID, usedforsecurity=False).digest())
        further = b"".join(b"%s: %s\r\n" % header for header in headers)
        if subprotocol is not None:
            further += b"Sec-WebSocket-Protocol: %s\r\n" % subprotocol.encode("ascii")
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n%s\r\n" % (accept, further)
        )


def read(data: bytes | bytearray) -> Upgrade | None:
    """What the first bytes of a connection ask for.

    Args:
        data: what has come.

    Returns:
        None for anything but one whole, usual request for a WebSocket.
    """
    end = data.find(b"\r\n\r\n")
    if not data.startswith(b"GET /") or not 0 < end <= MOST_BYTES:
        return None
    first, *lines = bytes(data[:end]).split(b"\r\n")
    if len(lines) > MOST_HEADERS:
        return None
    parts = [line.partition(b":") for line in lines]
    headers = {name.lower(): value.strip(b" \t") for name, _, value in parts}
    # As many as there are lines: none is there twice.
    if len(headers) != len(lines) or not (_is_readable(first, parts, headers) and _is_usual(headers)):
        return None
    return Upgrade(first[4:-9].decode("ascii"), headers, bytes(data[end + 4 :]))


def _is_readable(first: bytes, parts: list[tuple[bytes, bytes, bytes]], headers: dict[bytes, bytes]) -> bool:
    return (
        first.endswith(b" HTTP/1.1")
        and first.count(b" ") == 2
        and b"\t" not in first
        and b"" not in headers
        and not b"".join(headers).translate(None, _IN_NAMES)
        and not b"".join([first, *(value for _, _, value in parts)]).translate(None, _IN_VALUES)
        and all(colon for _, colon, _ in parts)
    )


def _is_usual(headers: dict[bytes, bytes]) -> bool:
    return (
        headers.get(b"upgrade", b"").lower() == b"websocket"
        and headers.get(b"sec-websocket-version") == b"13"
        and _CONNECTION.fullmatch(headers.get(b"connection", b"")) is not None
        and _KEY.fullmatch(headers.get(b"sec-websocket-key", b"")) is not None
        and _SUBPROTOCOLS.fullmatch(headers.get(b"sec-websocket-protocol", b"none")) is not None
        and b"host" in headers
        and _UNUSUAL.isdisjoint(headers)
    )
