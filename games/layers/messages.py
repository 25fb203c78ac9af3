"""What goes over the channel layer: dictionaries, as Channels hands them to handlers, with the keys of each kind."""

from typing import Any, Final, Literal, NotRequired, TypedDict


class GameEvent(TypedDict):
    """What happened in a game, for everybody connected to it."""

    type: Literal["game.event"]
    version: int | None
    """The game's after it; None for what isn't versioned."""
    text: str
    """The event as it goes to clients."""
    number: NotRequired[int]
    """The change's in the log; missing where others hear of it without us."""
    change: NotRequired[str | None]
    """The change itself, for other processes."""
    at: NotRequired[float]
    """When it was announced, in seconds since the epoch."""
    renews: NotRequired[bool]
    """Whether the store says something new of the game that is no change of its log."""
    frame: NotRequired[bytes]
    """The event's WebSocket frame, added by the first connection here that needs it."""


class AttendanceTold(TypedDict):
    """Who is connected to a game in one process, for the others."""

    type: Literal["attendance"]
    process: str
    counts: tuple[int, int, int]
    """Spectators, connections of participant 1, of participant 2."""
    asks: bool
    """Whether it wants to know the same of the others."""


ProcessWord = Literal["process.asks", "process.lives", "process.ends", "store.asked", "store.serves"]


class ProcessTold(TypedDict):
    """What one process says to all others."""

    type: ProcessWord
    process: str
    online: NotRequired[int]
    """How many people are connected there."""


class GamesChanged(TypedDict):
    """Games for the lobbies to look at."""

    type: Literal["games.changed"]
    ids: list[str]
    moved: list[str]
    """Those of which nothing but moves is new."""


class LobbyLooked(TypedDict):
    """What the lobby of one process found in the store."""

    type: Literal["lobby.looked"]
    waiting: dict[str, int]
    """A number for where each listed game stands, by the games' IDs."""
    playing: dict[str, int]
    counts: tuple[int, int]
    """How long both lists are."""


class LobbyCounted(TypedDict):
    """What one process has counted for all lobbies."""

    type: Literal["lobby.counted"]
    seeking: dict[str, int]
    """How many seek, by time control."""
    playing: int


class PeopleTold(TypedDict):
    """What happened to people, for their lobbies in all processes."""

    type: Literal["people.told"]
    sender: str
    """The event loop that tells, which has taken it in already."""
    news: list[tuple[int, str, Any]]
    """Whose, what sort, and what belongs to it."""
    by: tuple[str, str | int | None] | None
    """The connection that asked for it, and the ``id`` of its command."""


class ChatSaid(TypedDict):
    """A line of chat, for everybody beside a game of its series."""

    type: Literal["chat.said"]
    room: str
    number: int
    by: int
    """Who said it."""
    is_shadow: bool
    """Whether it is for nobody else."""
    is_over: bool
    """Whether no game of the series goes on: participants, too, may read what spectators say."""
    text: str
    """The event as it goes to clients."""
    frame: NotRequired[bytes]


class ChatChanged(TypedDict):
    """Lines of a series were deleted."""

    type: Literal["chat.changed"]


class ChatPerson(TypedDict):
    """Somebody sees chat in another way from now on, or may say something else."""

    type: Literal["chat.person"]
    player: int


class ReviewsQueued(TypedDict):
    """Games were queued for their review."""

    type: Literal["reviews.queued"]


class LayerMissed(TypedDict):
    """In place of messages that a channel didn't fetch in time."""

    type: Literal["layer.missed"]


Message = (
    GameEvent
    | AttendanceTold
    | ProcessTold
    | GamesChanged
    | LobbyLooked
    | LobbyCounted
    | PeopleTold
    | ChatSaid
    | ChatChanged
    | ChatPerson
    | ReviewsQueued
    | LayerMissed
)

MISSED: Final[LayerMissed] = {"type": "layer.missed"}
