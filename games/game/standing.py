"""Where a game stands: seats, position, outcome, offers, and what follows from them."""

from datetime import datetime
from typing import NamedTuple, Protocol

from msgspec import Struct

from games import protocol
from games.game.new_game import NewGame
from games.game.people import Participant
from games.game.series import Series
from games.protocol import Outcome, State
from games.rules.board import Position
from games.rules.clock import Clock
from games.rules.openings import columns_of
from games.rules.outcomes import mover_of


class MoveTime(Struct, frozen=True, gc=False, array_like=True):
    """What a move of a timed game cost; the body of its row in the log is an array of these, in this order.

    Attributes:
        charged_ms, compensation_ms, gain_ms: a `games.rules.clock.Charged`.
        left_ms: what participants 1 and 2 had left after it.
    """

    charged_ms: int
    compensation_ms: int
    gain_ms: int
    left_ms: tuple[int, int]


class Disc(Protocol):
    """The change that dropped a disc."""

    @property
    def number(self) -> int:
        """Its place in the log."""

    @property
    def column(self) -> int:
        """Counted from 0."""

    @property
    def at(self) -> datetime:
        """When it was dropped."""

    @property
    def seat(self) -> int | None:
        """By whom."""

    @property
    def time(self) -> MoveTime | None:
        """What it cost; None in untimed games."""


class OpeningDisc(NamedTuple):
    """A disc that lay on the board when the game started: a `Disc` that nobody dropped."""

    number: int
    column: int
    at: datetime
    seat: int
    time: None = None


class Standing:
    """The state of one game. Only its changes alter it (`games.game.live`)."""

    __slots__ = (
        "clock", "create_time", "discs", "draw_offered_by", "end_time", "first_move", "first_moves", "id", "invited",
        "note", "opening", "opening_moves", "outcome", "participant1", "participant2", "position", "rated", "ratings",
        "rematch_id", "rematch_offered_by", "series", "start_time", "state", "takeback_offered_by", "takebacks",
        "taken_back_at", "time_control", "turn_since", "version", "visibility",
    )  # fmt: skip

    def __init__(self, new: NewGame) -> None:
        self.id = new.game_id
        self.participant1 = new.participant1
        self.participant2: Participant | None = None
        self.invited = new.invited
        """Who alone may join; None for anybody."""
        self.first_move = new.first_move
        self.visibility = new.visibility
        self.series = new.series or Series(new.game_id)
        self.rated = new.rated
        self.ratings = new.ratings
        """Of both participants, before the game."""
        self.time_control = new.time_control
        self.opening = new.opening
        self.opening_moves = ""
        """Its plies as notation, which nobody sees before the start."""
        self.clock: Clock | None = None
        """Both clocks as the last move left them; None while a game waits, and in untimed games."""
        self.turn_since = new.create_time
        """Since when the side to move could, by the times in the log."""
        self.takebacks = new.takebacks
        self.state = State.WAITING
        self.version = 0
        """How many state changes clients have seen."""
        self.discs: list[Disc] = []
        """The discs on the board, in the order in which they were dropped; those of the opening first."""
        self.first_moves: dict[int, int] = {}
        """For each side that has moved the number of its first disc, taken back since or not."""
        self.position = Position.start()
        self.outcome: Outcome | None = None
        self.note = ""
        self.create_time = new.create_time
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None
        self.draw_offered_by: int | None = None
        self.takeback_offered_by: int | None = None
        self.taken_back_at = 0
        """The version at which discs were taken back last; 0 where none ever were."""
        self.rematch_offered_by: int | None = None
        self.rematch_id: str | None = None

    @property
    def columns(self) -> list[int]:
        """Where the discs on the board were dropped."""
        return [disc.column for disc in self.discs]

    @property
    def played_at(self) -> list[datetime]:
        """When the discs on the board were dropped."""
        return [disc.at for disc in self.discs]

    @property
    def own_plies(self) -> int:
        """How many discs on the board were dropped by the participants."""
        return len(self.discs) - len(self.opening_moves)

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has joined yet."""
        return self.state is State.WAITING

    @property
    def is_finished(self) -> bool:
        """Whether the game is over."""
        return self.state is State.FINISHED

    @property
    def turn(self) -> int | None:
        """The participant to move; None unless the game is in progress."""
        return self.mover_of(len(self.discs) + 1) if self.state is State.IN_PROGRESS else None

    @property
    def notation(self) -> str:
        """The moves as one digit each, columns counted from 1."""
        return "".join(str(column + 1) for column in self.columns)

    @property
    def rematch(self) -> protocol.Rematch:
        """The standing offer and the game that followed."""
        return protocol.Rematch(offered_by=self.rematch_offered_by, game=self.rematch_id)

    def lay_out(self, opening: str, number: int, at: datetime) -> None:
        """Put an opening on the board of a game that starts.

        Args:
            opening: its plies, as notation.
            number: of the change that starts the game.
            at: when that is.

        Raises:
            ValueError: not the opening that was agreed on, or (`games.rules.board.IllegalDrop`) none that can be.
        """
        if len(opening) != self.opening.plies:
            raise ValueError("the opening is not the one that was agreed on")
        columns = columns_of(opening)
        self.position = Position.from_columns(columns)
        self.opening_moves = opening
        self.discs = [OpeningDisc(number, column, at, self.mover_of(ply)) for ply, column in enumerate(columns, 1)]

    def mover_of(self, ply: int) -> int:
        """The participant whose ply it is.

        Args:
            ply: counted from 1.
        """
        return mover_of(ply, self.first_move)

    def seat_of(self, player_id: int | None) -> int | None:
        """The seat that a player holds: 1, 2 or None.

        Args:
            player_id: a player's primary key; None for somebody who is not signed in.
        """
        if player_id is None:
            return None
        if self.participant1.player_id == player_id:
            return 1
        return 2 if self.participant2 is not None and self.participant2.player_id == player_id else None
