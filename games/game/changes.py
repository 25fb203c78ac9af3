"""What can be asked of a game beyond the socket's commands, and the changes that come of commands.

A change is what the journal stores: made by `games.game.live.LiveGame.judge` on one state of a game, applied to that
same state once it is stored.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from games import protocol
from games.protocol import Outcome, State, Visibility
from games.rules.board import Position


class Participant(NamedTuple):
    """Who holds a seat."""

    player_id: int
    name: str


# --- commands beyond those of the socket ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """Take seat 2 of a waiting game."""

    participant: Participant


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


Command = (
    protocol.PlayMove | protocol.Resign | protocol.OfferRematch | protocol.DeclineRematch
    | Join | Cancel | Adjudicate | Abort | Abandon
)  # fmt: skip

# --- changes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewGame:
    """What a game is made of: the row to be stored."""

    game_id: str
    participant1: Participant
    first_move: int
    visibility: Visibility
    create_time: datetime
    participant2: Participant | None = None
    start_time: datetime | None = None
    rematch_of: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """A disc to be stored, with the outcome where it ends the game."""

    game_id: str
    ply: int
    column: int
    played_at: datetime
    position: Position
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Start:
    """Participant 2 takes the seat."""

    game_id: str
    participant: Participant
    start_time: datetime


@dataclass(frozen=True, slots=True)
class End:
    """The game ends by anything but a move, after ``plies`` of them."""

    game_id: str
    from_state: State
    plies: int
    outcome: Outcome
    end_time: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class OfferChange:
    """A rematch offer is made (``offered_by`` a seat) or goes (None); ``standing`` is what it replaces."""

    game_id: str
    standing: int | None
    offered_by: int | None
    by_seat: int


@dataclass(frozen=True, slots=True)
class RematchStart:
    """The game that follows this one, by the offer of the seat ``offered_by``."""

    game_id: str
    offered_by: int
    new_game: NewGame


Change = NewGame | Drop | Start | End | OfferChange | RematchStart
