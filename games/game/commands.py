"""What can be asked of a game beyond the commands of the socket."""

from dataclasses import dataclass
from datetime import datetime

from games.game.people import Participant, RatingShown
from games.protocol.commands import PlayerCommand


@dataclass(frozen=True, slots=True)
class Join:
    """Take seat 2 of a waiting game."""

    participant: Participant
    rating: RatingShown | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Refuse a challenge: for whom it is for."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take one's own waiting game back."""


@dataclass(frozen=True, slots=True)
class Adjudicate:
    """A moderator's verdict on a game in progress: ``winner`` 1, 2 or None, and why."""

    winner: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Abort:
    """A moderator ends a game that waits or is in progress, without a winner; and why."""

    note: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """Nobody has moved for a long time since ``plies`` were played: the game ends without a winner."""

    plies: int


@dataclass(frozen=True, slots=True)
class Flag:
    """The side to move is out of time.

    Attributes:
        since: since when it could move, by the log; another turn is another time.
        limit_ms: how long it had then, with its grace.
    """

    since: datetime
    limit_ms: int


Command = (
    PlayerCommand
    | Join | Decline | Cancel | Adjudicate | Abort | Abandon | Flag
)  # fmt: skip
