"""Text becomes a typed command here and nowhere else; an event becomes text here, once, however many hear it."""

from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from games.protocol.commands import Command, CommandId, GameCommand, LobbyCommand
from games.protocol.errors import MESSAGES, ErrorCode, GameError, InvalidMessage
from games.protocol.events import Answer, Error, Event

C = TypeVar("C", bound=Command)

MAX_MESSAGE_BYTES: Final = 4096
MAX_INVALID_IN_A_ROW: Final = 20
SUBPROTOCOL: Final = "fourline.v1"

_game_commands: msgspec.json.Decoder[GameCommand] = msgspec.json.Decoder(GameCommand)
_lobby_commands: msgspec.json.Decoder[LobbyCommand] = msgspec.json.Decoder(LobbyCommand)
_any_id = msgspec.json.Decoder(msgspec.defstruct("AnyId", [("id", CommandId | UnsetType, UNSET)]))


def parse_game_command(text: str) -> GameCommand:
    """Read one frame of ``/ws/games/{game ID}/``.

    Args:
        text: the frame.

    Raises:
        InvalidMessage: it is not one of the commands, to the letter.
    """
    return _parse(_game_commands, text)


def parse_lobby_command(text: str) -> LobbyCommand:
    """Read one frame of ``/ws/lobby/``.

    Args:
        text: the frame.

    Raises:
        InvalidMessage: it is not one of the commands, to the letter.
    """
    return _parse(_lobby_commands, text)


def _parse(decoder: msgspec.json.Decoder[C], text: str) -> C:
    try:
        return decoder.decode(text)
    # Besides its own errors msgspec lets two of Python's through: a nesting too deep, and a lone surrogate.
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InvalidMessage(f"{MESSAGES[ErrorCode.INVALID_MESSAGE]} {_reason(error)}", id_of(text)) from None


def _reason(error: Exception) -> str:
    return "It is nested too deeply." if isinstance(error, RecursionError) else f"{error}."


def id_of(text: str) -> str | int | None:
    """The ``id`` of a frame that is not obeyed, for its ``error``.

    Args:
        text: the frame, whatever it holds.

    Returns:
        None where it has none that is valid.
    """
    try:
        found = _any_id.decode(text).id  # type: ignore[attr-defined]  # a struct made by defstruct
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return None if found is UNSET else found


SEND_FRAME: Final = "fourline.send_frame"
"""The extension of ASGI by which our own server takes a whole frame at once."""


def frame(text: str) -> bytes:
    """A text frame as a server sends it (RFC 6455, 5.2): final, neither masked nor compressed.

    Args:
        text: an event's, of less than 64 KiB.
    """
    payload = text.encode()
    if len(payload) < 126:
        return b"\x81" + len(payload).to_bytes(1) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2) + payload


_encoder = msgspec.json.Encoder()


def encode(event: Event) -> str:
    """An event as the text of its frame."""
    return _encoder.encode(event).decode()


def answering(event: Answer, command: Command) -> str:
    """An event as the answer to one command, with that command's ``id`` where it has one."""
    return with_id(event, command.id)


def with_id(event: Answer, command_id: CommandId | UnsetType | None) -> str:
    """An event as the answer to a command of that ``id``; without one where there is none."""
    if command_id is not UNSET and command_id is not None:
        event = msgspec.structs.replace(event, id=command_id)
    return encode(event)


def error_text(error: GameError, command_id: str | int | UnsetType | None = None) -> str:
    """The ``error`` frame of a refusal.

    Args:
        error: the refusal.
        command_id: the ``id`` of the command that was refused, if it has one.
    """
    return encode(Error(code=error.code, message=error.message, id=UNSET if command_id is None else command_id))


def timestamp(time: datetime) -> str:
    """A time as the wire writes it: UTC, milliseconds, Z."""
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    if not time.microsecond:  # then the encoder leaves the fraction out
        return f"{time.replace(tzinfo=None).isoformat()}.000Z"
    return _encoder.encode(time)[1:24].decode() + "Z"  # a quarter of what isoformat takes
