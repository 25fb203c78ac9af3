"""What the server says on the sockets.

More than 300 lines, and one file: all that a client may hear, in the order of docs/protocol.md, one after the other.
"""

from enum import StrEnum
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from games.protocol.commands import CommandId
from games.protocol.errors import ErrorCode
from games.protocol.objects import (
    ChatRoom,
    ClaimObject,
    ClockObject,
    GameObject,
    LineObject,
    PlayerObject,
    Rematch,
    SeekObject,
    TimeControlObject,
)
from games.rules.outcomes import Outcome


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
    clock: ClockObject | None = None
    move_ms: int | None = None
    """What the mover was charged; null in untimed games."""


class GameFinished(Event, frozen=True, tag="game_finished"):
    """The game ended by anything but a move."""

    version: int
    outcome: Outcome


class DrawOffered(Answer, frozen=True, tag="draw_offered"):
    """A participant offers a draw."""

    version: int
    participant: int


class DrawDeclined(Event, frozen=True, tag="draw_declined"):
    """A participant took the offer back, or declined it."""

    version: int
    participant: int


class TakebackOffered(Answer, frozen=True, tag="takeback_offered"):
    """A participant asks to take a disc back."""

    version: int
    participant: int


class TakebackDeclined(Event, frozen=True, tag="takeback_declined"):
    """A participant took the offer back, or declined it."""

    version: int
    participant: int


class MovesTakenBack(Event, frozen=True, tag="moves_taken_back"):
    """The last discs are off the board: how many, and the game without them."""

    version: int
    plies: int
    game: GameObject


class TimeAdded(Event, frozen=True, tag="time_added"):
    """A participant got more time from the other side."""

    version: int
    participant: int
    clock: ClockObject


class RatingsChanged(Event, frozen=True, tag="ratings_changed"):
    """Both ratings have taken in how the game ended."""

    players: list[PlayerObject]


class RematchOffered(Answer, frozen=True, tag="rematch_offered"):
    """A participant offers another game."""

    participant: int


class RematchDeclined(Event, frozen=True, tag="rematch_declined"):
    """A participant took the offer back, or declined it."""

    participant: int


class RematchStarted(Answer, frozen=True, tag="rematch_started"):
    """The other game: its ID."""

    game: str


class ReviewReady(Event, frozen=True, tag="review_ready"):
    """The review of the game can be fetched."""


class Chat(Event, frozen=True, tag="chat"):
    """The last lines of a room that one may read; in place of what the client has of it."""

    room: ChatRoom
    lines: list[LineObject]
    may: Literal["text", "presets"] | None = None
    """What one may say there."""
    off: bool = False
    """Whether one has switched chat off; then there are no lines."""


class Said(Event, frozen=True, tag="said", omit_defaults=True):
    """Somebody said something in a room that one may read."""

    room: ChatRoom
    number: int
    name: str
    text: str
    at: str
    bot: bool = False
    """Whether a program's account said it; left out of a person's."""


class Presence(Event, frozen=True, tag="presence"):
    """Who is connected."""

    participant1: bool
    participant2: bool
    spectators: int
    participant1_away_since: str | None = None
    """When the last connection of participant 1 was lost, where this process saw it go."""
    participant2_away_since: str | None = None
    claim: ClaimObject | None = None


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
    seek: SeekObject | None = None
    """One's own."""
    challenges: list[GameObject] = []
    """Games that wait for oneself alone."""
    paired: str | None = None
    """The game that one was paired into just now and has not opened."""
    featured: GameObject | None = None
    """The game that lobbies show large."""


class GameListed(Event, frozen=True, tag="game_listed"):
    """A game appears in the lobby."""

    game: GameObject


class GameUpdated(Event, frozen=True, tag="game_updated"):
    """A game of the lobby changed."""

    game: GameObject


class GameUnlisted(Event, frozen=True, tag="game_unlisted"):
    """A game leaves the lobby."""

    id: str


class Featured(Event, frozen=True, tag="featured"):
    """The lobby shows another game large, or none; or that game has changed, and is in no list."""

    game: GameObject | None


class Seeking(Answer, frozen=True, tag="seeking"):
    """One seeks, on all one's connections."""

    time_control: TimeControlObject
    rated: bool
    since: str


class SeekEnded(Answer, frozen=True, tag="seek_ended"):
    """One seeks no longer."""


class Paired(Answer, frozen=True, tag="paired"):
    """One was paired: the game, in progress already."""

    game: str


class ChallengeResult(StrEnum):
    """What became of a challenge."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Challenged(Event, frozen=True, tag="challenged"):
    """Somebody challenges one: the game, which waits for oneself alone."""

    game: GameObject


class ChallengeEnded(Event, frozen=True, tag="challenge_ended"):
    """A challenge, one's own or for oneself, was accepted, declined or taken back."""

    id: str
    result: ChallengeResult | None = None
    """None where that isn't known any more."""
    participant1: str | None = None
    """Who made it."""
    invited: str | None = None
    """Whom it was for."""
    bots: list[str] | UnsetType = UNSET
    """Names of those of the two that are bots; left out where neither is."""


class Counts(Event, frozen=True, tag="counts"):
    """How many are connected, how many seek each time control, and how many games are being played."""

    online: int
    seeking: dict[str, int]
    playing: int


def version_of(event: Event) -> int | None:
    """The version of its game after an event; None for an event that isn't versioned."""
    return event.version if isinstance(event, Versioned) else None


Versioned = (
    GameStarted | MovePlayed | GameFinished | DrawOffered | DrawDeclined | TakebackOffered | TakebackDeclined
    | MovesTakenBack | TimeAdded
)  # fmt: skip
"""Events that bring their game to a version."""


GAME_EVENTS: Final = (
    Snapshot, GameStarted, MovePlayed, GameFinished, DrawOffered, DrawDeclined, TakebackOffered, TakebackDeclined,
    MovesTakenBack, TimeAdded, RatingsChanged, RematchOffered, RematchDeclined, RematchStarted, ReviewReady, Chat,
    Said, Presence, Pong, Error, ServerRestarting,
)  # fmt: skip
"""What a connection to a game may hear."""
LOBBY_EVENTS: Final = (
    LobbySnapshot, GameListed, GameUpdated, GameUnlisted, Featured, Seeking, SeekEnded, Paired, Challenged,
    ChallengeEnded, Counts, LobbyPong, Error, ServerRestarting,
)  # fmt: skip
"""What a connection to the lobby may hear."""
