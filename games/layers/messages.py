"""What goes over the channel layer: dictionaries, as Channels hands them to handlers, with the keys of each kind."""

from typing import Final, Literal, NotRequired, TypedDict


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


class LayerMissed(TypedDict):
    """In place of messages that a channel didn't fetch in time."""

    type: Literal["layer.missed"]


Message = GameEvent | AttendanceTold | ProcessTold | GamesChanged | LobbyLooked | LayerMissed

MISSED: Final[LayerMissed] = {"type": "layer.missed"}
