"""What a process knows about one live game."""

import asyncio
from collections import deque
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from games.game.live import LiveGame
from games.game.people import Asker
from games.layers.messages import GameEvent


class Received(Struct, frozen=True, gc=False):
    """When a command came.

    Attributes:
        at: for the log.
        pace: by `games.registry.pace`, in seconds.
        trusted_lag_ms: the asker's round trip as the server has measured it; None where it can't.
        alone_s: for how long the other side has been away by the store, where that was asked.
    """

    at: datetime
    pace: float
    trusted_lag_ms: int | None = None
    alone_s: float | None = None


class Turn(Struct, frozen=True, gc=False):
    """Since when a side's time counts.

    Attributes:
        since: since when it could move, by the log: which turn it is.
        spent_ms: what had elapsed when this process took it over.
        counted_from: from when on more elapses, by the pace.
        is_by_log: whether it was told elsewhere, and what had elapsed was read from the log.
    """

    since: datetime
    spent_ms: int
    counted_from: float
    is_by_log: bool = False


class Failed(NamedTuple):
    """A move that could not be stored.

    Attributes:
        asker, ply, column: which it was.
        received: when it came first.
        tried: by `games.registry.pace`, when it was tried last.
    """

    asker: Asker
    ply: int
    column: int
    received: Received
    tried: float


class LiveEntry:
    """A live game with what the process knows about it."""

    __slots__ = (
        "confirmed_at", "failed", "game", "game_id", "in_flight", "is_busy", "is_heard", "is_held", "is_unreadable",
        "loading", "moved_on_at", "revision", "subscribers", "turn", "turns", "users",
        "was_unheard",
    )  # fmt: skip

    def __init__(self, game_id: str) -> None:
        self.game_id = game_id
        self.game: LiveGame | None = None
        self.confirmed_at = float("-inf")
        """When it was last compared with the store."""
        self.moved_on_at = float("-inf")
        """When a change of this process's was last stored: the store stood where the game did, or it was a conflict."""
        self.revision = 0
        """Counts what happened to `game`, so that a slow load can tell that it came too late."""
        self.loading: asyncio.Task[None] | None = None
        self.is_busy = False
        """Whether a command has its turn; it ends when its change is stored or refused."""
        self.in_flight = False
        """Whether the journal has a change of this game: the store may be ahead of `game` by that change."""
        self.turns: deque[asyncio.Future[None]] = deque()
        self.users = 0
        self.subscribers = 0
        self.turn: Turn | None = None
        """Of a timed game, as it was told here."""
        self.is_held = False
        """Whether it is written down that this process has a timed game live."""
        self.failed: Failed | None = None
        """The move of that side that could not be stored."""
        self.is_heard = False
        """Whether a connection of this process is subscribed to the game's group."""
        self.was_unheard = False
        """Whether none was when it was compared with the store last."""
        self.is_unreadable = False
        """Whether the last load met rows that make no game; the log says so once."""

    @property
    def is_kept(self) -> bool:
        """Whether it stays live with nobody connected: its clock runs by what was told here."""
        return self.is_held and self.game is not None and self.game.turn is not None


def knows(entry: LiveEntry, message: GameEvent) -> bool:
    """Whether the live game has the change that an announcement tells of, if it tells of one."""
    number = message.get("number")
    return number is None or (entry.game is not None and number <= entry.game.number)
