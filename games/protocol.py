"""The whole wire: commands as clients send them, events as they hear them, error and close codes.

Text becomes a typed command here and nowhere else, and an event becomes text here, once, however many hear it.
``docs/protocol.md`` is the same for people; a test holds the two together.
"""

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MAX_MESSAGE_BYTES: Final = 4096
MAX_INVALID_IN_A_ROW: Final = 20
SUBPROTOCOL: Final = "fourline.v1"

CommandId = Annotated[str, Meta(max_length=64)] | int


class State(StrEnum):
    """Where a game stands."""

    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"


class Visibility(StrEnum):
    """Who finds a game without being told its ID."""

    PUBLIC = "public"
    PRIVATE = "private"


class Reason(StrEnum):
    """How a game ended."""

    FOUR_IN_A_ROW = "four_in_a_row"
    BOARD_FULL = "board_full"
    RESIGNATION = "resignation"
    TIMEOUT = "timeout"
    ABANDONMENT = "abandonment"
    AGREEMENT = "agreement"
    ABORTED = "aborted"
    ADJUDICATION = "adjudication"


class ErrorCode(StrEnum):
    """What an ``error`` says; the same codes in the REST API."""

    INVALID_MESSAGE = "invalid_message"
    NOT_A_PARTICIPANT = "not_a_participant"
    NOT_YOUR_TURN = "not_your_turn"
    WRONG_PLY = "wrong_ply"
    COLUMN_FULL = "column_full"
    NO_SUCH_COLUMN = "no_such_column"
    GAME_NOT_STARTED = "game_not_started"
    GAME_FINISHED = "game_finished"
    REMATCH_UNAVAILABLE = "rematch_unavailable"
    RATE_LIMITED = "rate_limited"
    TRY_AGAIN = "try_again"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    GAME_NOT_FOUND = "game_not_found"
    OWN_GAME = "own_game"
    GAME_FULL = "game_full"
    GAME_ALREADY_STARTED = "game_already_started"
    INVALID_REQUEST = "invalid_request"
    NOT_FOUND = "not_found"


class CloseCode(IntEnum):
    """Why the application closed a connection."""

    INVALID_MESSAGES = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    GAME_NOT_FOUND = 4404
    RATE_LIMITED = 4008
    MESSAGE_TOO_BIG = 4009
    RESTARTING = 4012
    TRY_AGAIN = 4013


MESSAGES: Final[dict[ErrorCode, str]] = {
    ErrorCode.INVALID_MESSAGE: "That message is not part of the protocol.",
    ErrorCode.NOT_A_PARTICIPANT: "You are watching this game; only its participants can do that.",
    ErrorCode.NOT_YOUR_TURN: "It is the other side's turn.",
    ErrorCode.WRONG_PLY: "That ply is not the next one of this game.",
    ErrorCode.COLUMN_FULL: "That column is full.",
    ErrorCode.NO_SUCH_COLUMN: "There is no such column; columns are numbered 0 to 6.",
    ErrorCode.GAME_NOT_STARTED: "This game has not started yet.",
    ErrorCode.GAME_FINISHED: "This game is over.",
    ErrorCode.REMATCH_UNAVAILABLE: "There is no rematch to be had here.",
    ErrorCode.RATE_LIMITED: "Too many messages. Please slow down.",
    ErrorCode.TRY_AGAIN: "That could not be recorded just now. Please try again.",
    ErrorCode.UNAUTHENTICATED: "Please sign in.",
    ErrorCode.FORBIDDEN: "You may not do that.",
    ErrorCode.GAME_NOT_FOUND: "There is no game with that ID.",
    ErrorCode.OWN_GAME: "This is your own game; somebody else has to join it.",
    ErrorCode.GAME_FULL: "Somebody else was quicker: this game has both its participants.",
    ErrorCode.GAME_ALREADY_STARTED: "This game has already started.",
    ErrorCode.INVALID_REQUEST: "That request is not valid.",
    ErrorCode.NOT_FOUND: "There is nothing here.",
}


class GameError(Exception):
    """A refusal with a stable code.

    Attributes:
        code: the `ErrorCode`.
        message: one sentence for people.
    """

    def __init__(self, code: ErrorCode, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]


class InvalidMessage(GameError):
    """A frame that is no command.

    Attributes:
        command_id: the frame's ``id``, where it has a valid one.
    """

    def __init__(self, message: str, command_id: str | int | None = None) -> None:
        super().__init__(ErrorCode.INVALID_MESSAGE, message)
        self.command_id = command_id


# --- commands ---------------------------------------------------------------------------------------------------


class Command(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True, kw_only=True):
    """What a client asks for. ``id``, where given, comes back with the answer."""

    id: CommandId | UnsetType = UNSET


class PlayMove(Command, frozen=True, tag="play_move"):
    """Drop a disc: ``column`` from 0, ``ply`` from 1."""

    column: int
    ply: int


class Resign(Command, frozen=True, tag="resign"):
    """Give the game to the other side."""


class OfferRematch(Command, frozen=True, tag="offer_rematch"):
    """Offer another game, or accept the other side's offer."""


class DeclineRematch(Command, frozen=True, tag="decline_rematch"):
    """Take one's own offer back, or decline the other side's."""


class Sync(Command, frozen=True, tag="sync"):
    """Ask for a snapshot."""


class Ping(Command, frozen=True, tag="ping"):
    """Ask for a pong; ``version`` is the last one that the client has."""

    version: int | UnsetType = UNSET


GameCommand = PlayMove | Resign | OfferRematch | DeclineRematch | Sync | Ping
LobbyCommand = Sync | Ping

_game_commands = msgspec.json.Decoder(GameCommand)
_lobby_commands = msgspec.json.Decoder(LobbyCommand)
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


def _parse(decoder: msgspec.json.Decoder[Any], text: str) -> Any:
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


# --- what events carry ------------------------------------------------------------------------------------------


class Outcome(Struct, frozen=True):
    """How a game ended; ``line`` has four (column, row) cells where four in a row decided it."""

    winner: int | None
    reason: Reason
    line: tuple[tuple[int, int], ...] | None = None


class GameObject(Struct, frozen=True, rename="camel"):
    """A game, as JSON: the same in a snapshot, in the REST API and in an export."""

    id: str
    state: State
    version: int
    participant1: str
    participant2: str | None
    first_move: int
    moves: list[int]
    notation: str
    turn: int | None
    legal_columns: list[int]
    outcome: Outcome | None
    visibility: Visibility
    create_time: str
    start_time: str | None
    end_time: str | None


class Rematch(Struct, frozen=True, rename="camel"):
    """A standing offer (whose), and the game that followed."""

    offered_by: int | None = None
    game: str | None = None


# --- events -----------------------------------------------------------------------------------------------------


class Event(Struct, frozen=True, tag_field="type", rename="camel", kw_only=True):
    """What the server says."""


class Answer(Event, frozen=True, kw_only=True):
    """An event that may answer one command, and then repeats its ``id``."""

    id: CommandId | UnsetType = UNSET


class Snapshot(Answer, frozen=True, tag="snapshot"):
    """The whole state, first on every connection."""

    game: GameObject
    you: int | None
    server_time: str
    rematch: Rematch


class GameStarted(Event, frozen=True, tag="game_started"):
    """Participant 2 has joined."""

    version: int
    game: GameObject


class MovePlayed(Answer, frozen=True, tag="move_played"):
    """A disc fell, and is stored: to its mover this is the acknowledgement."""

    version: int
    ply: int
    column: int
    row: int
    participant: int
    turn: int | None
    legal_columns: list[int]
    outcome: Outcome | None
    played_at: str


class GameFinished(Event, frozen=True, tag="game_finished"):
    """The game ended by anything but a move."""

    version: int
    outcome: Outcome


class RematchOffered(Answer, frozen=True, tag="rematch_offered"):
    """A participant offers another game."""

    participant: int


class RematchDeclined(Event, frozen=True, tag="rematch_declined"):
    """A participant took the offer back, or declined it."""

    participant: int


class RematchStarted(Answer, frozen=True, tag="rematch_started"):
    """The other game: its ID."""

    game: str


class Presence(Event, frozen=True, tag="presence"):
    """Who is connected."""

    participant1: bool
    participant2: bool
    spectators: int
    participant1_away_since: str | None = None
    """When the last connection of participant 1 was lost, where this process saw it go."""
    participant2_away_since: str | None = None


class Pong(Answer, frozen=True, tag="pong", omit_defaults=True):
    """The answer to a ping."""

    version: int
    server_time: str
    rematch: Rematch | UnsetType = UNSET


class LobbyPong(Answer, frozen=True, tag="pong"):
    """The lobby's answer to a ping."""

    server_time: str


class Error(Answer, frozen=True, tag="error"):
    """A refusal, to the one connection that erred."""

    code: ErrorCode
    message: str


class ServerRestarting(Event, frozen=True, tag="server_restarting"):
    """Said before the server closes a connection to drain."""


class LobbySnapshot(Answer, frozen=True, tag="lobby_snapshot"):
    """The whole lobby as one person sees it."""

    waiting: list[GameObject]
    playing: list[GameObject]
    mine: list[GameObject]
    waiting_count: int
    playing_count: int


class GameListed(Event, frozen=True, tag="game_listed"):
    """A game appears in the lobby."""

    game: GameObject


class GameUpdated(Event, frozen=True, tag="game_updated"):
    """A game of the lobby changed."""

    game: GameObject


class GameUnlisted(Event, frozen=True, tag="game_unlisted"):
    """A game leaves the lobby."""

    id: str


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
_move_decoder = msgspec.json.Decoder(MovePlayed)


def encode(event: Event) -> str:
    """An event as the text of its frame."""
    return _encoder.encode(event).decode()


def answering(event: Answer, command: Command) -> str:
    """An event as the answer to one command, with that command's ``id`` where it has one."""
    if command.id is not UNSET:
        event = msgspec.structs.replace(event, id=command.id)
    return encode(event)


def error_text(error: GameError, command_id: str | int | UnsetType | None = None) -> str:
    """The ``error`` frame of a refusal.

    Args:
        error: the refusal.
        command_id: the ``id`` of the command that was refused, if it has one.
    """
    return encode(Error(code=error.code, message=error.message, id=UNSET if command_id is None else command_id))


def read_move(text: str) -> MovePlayed:
    """A ``move_played`` frame made by another process of ours."""
    return _move_decoder.decode(text)


def timestamp(time: datetime) -> str:
    """A time as the wire writes it: UTC, milliseconds, Z."""
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    return time.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"
