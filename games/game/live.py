"""`LiveGame`: one game as seats, position and outcome. No socket, no database, no clock.

A command is judged (`games.game.judging`) and gives a change; the change is stored by the journal; only then is it
applied (`games.game.changes`), which gives the event that everybody hears. Nothing else alters a live game.
"""

from dataclasses import dataclass
from datetime import datetime

from games import protocol
from games.game.people import Participant
from games.protocol import GameObject, Outcome, Reason, State, Visibility, timestamp
from games.rules.board import Position
from games.rules.outcomes import mover_of

BY_A_MOVE = frozenset({Reason.FOUR_IN_A_ROW, Reason.BOARD_FULL})


@dataclass(frozen=True, slots=True)
class NewGame:
    """What a game is made of: the row to be stored.

    Attributes:
        most_waiting: it is stored only while fewer games of its maker wait; None where that doesn't matter.
    """

    game_id: str
    participant1: Participant
    first_move: int
    visibility: Visibility
    create_time: datetime
    participant2: Participant | None = None
    start_time: datetime | None = None
    rematch_of: str | None = None
    most_waiting: int | None = None


class LiveGame:
    """The state of one game, as stored.

    Attributes are for reading; see the module's text for how they change.
    """

    __slots__ = (
        "columns", "create_time", "end_time", "first_move", "id", "note", "outcome", "participant1", "participant2",
        "played_at", "position", "rematch_id", "rematch_offered_by", "start_time", "state", "visibility",
    )  # fmt: skip

    def __init__(self, new: NewGame) -> None:
        self.id = new.game_id
        self.participant1 = new.participant1
        self.participant2 = new.participant2
        self.first_move = new.first_move
        self.visibility = new.visibility
        self.state = State.WAITING if new.start_time is None else State.IN_PROGRESS
        self.position = Position.start()
        self.columns: list[int] = []
        self.played_at: list[datetime] = []
        self.outcome: Outcome | None = None
        self.note = ""
        self.create_time = new.create_time
        self.start_time = new.start_time
        self.end_time: datetime | None = None
        self.rematch_offered_by: int | None = None
        self.rematch_id: str | None = None

    # --- what it is ---------------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """How many state changes the game has seen."""
        started = self.start_time is not None
        ended_by_a_move = self.outcome is not None and self.outcome.reason in BY_A_MOVE
        return started + len(self.columns) + (self.outcome is not None and not ended_by_a_move)

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
        return self.mover_of(len(self.columns) + 1) if self.state is State.IN_PROGRESS else None

    @property
    def notation(self) -> str:
        """The moves as one digit each, columns counted from 1."""
        return "".join(str(column + 1) for column in self.columns)

    @property
    def rematch(self) -> protocol.Rematch:
        """The standing offer and the game that followed."""
        return protocol.Rematch(offered_by=self.rematch_offered_by, game=self.rematch_id)

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

    def as_json_object(self) -> GameObject:
        """The game as the contract writes it."""
        return GameObject(
            id=self.id,
            state=self.state,
            version=self.version,
            participant1=self.participant1.name,
            participant2=self.participant2 and self.participant2.name,
            first_move=self.first_move,
            moves=list(self.columns),
            notation=self.notation,
            turn=self.turn,
            legal_columns=self.position.open_columns if self.state is State.IN_PROGRESS else [],
            outcome=self.outcome,
            visibility=self.visibility,
            create_time=timestamp(self.create_time),
            start_time=timestamp(self.start_time) if self.start_time is not None else None,
            end_time=timestamp(self.end_time) if self.end_time is not None else None,
        )

    def move_played(self, ply: int) -> protocol.MovePlayed:
        """The event of a recorded ply, as it was then.

        Args:
            ply: 1 to the number of plies recorded.
        """
        position = Position.from_columns(self.columns[:ply])
        outcome = outcome_of(position, self.columns[ply - 1], self.mover_of(ply)) if position.is_over else None
        return self._move_played(ply, position, outcome)

    def last_move_played(self) -> protocol.MovePlayed:
        """The event of the last ply, which is on the board."""
        return self._move_played(len(self.columns), self.position, self.outcome)

    def snapshot(self, player_id: int | None, now: datetime) -> protocol.Snapshot:
        """The whole state as one person sees it.

        Args:
            player_id: who asks; None for somebody who is not signed in.
            now: the server's time, for the client's clock.
        """
        return protocol.Snapshot(
            game=self.as_json_object(), you=self.seat_of(player_id), server_time=timestamp(now), rematch=self.rematch
        )

    def finish(self, outcome: Outcome, now: datetime) -> None:
        """The game is over, as a change says that is stored."""
        self.state = State.FINISHED
        self.outcome = outcome
        self.end_time = now

    def _move_played(self, ply: int, position: Position, outcome: Outcome | None) -> protocol.MovePlayed:
        column = self.columns[ply - 1]
        return protocol.MovePlayed(
            version=ply + 1,
            ply=ply,
            column=column,
            row=position.height(column) - 1,
            participant=self.mover_of(ply),
            turn=None if outcome is not None else self.mover_of(ply + 1),
            legal_columns=[] if outcome is not None else position.open_columns,
            outcome=outcome,
            played_at=timestamp(self.played_at[ply - 1]),
        )


def outcome_of(position: Position, column: int, mover: int) -> Outcome:
    """How a move ended a game.

    Args:
        position: after the move; it is over.
        column: of the move.
        mover: the participant who made it.
    """
    if position.is_won:
        return Outcome(mover, Reason.FOUR_IN_A_ROW, position.winning_line(column))
    return Outcome(None, Reason.BOARD_FULL)
