"""`LiveGame`: one game as seats, position and outcome. No socket, no database, no clock.

A command is judged (`LiveGame.judge`) and gives a change; the change is stored by the journal; only then is it applied
(`LiveGame.apply`), which gives the event that everybody hears. Nothing else alters a live game.
"""

from datetime import datetime
from typing import Any

from games import protocol
from games.game.changes import (
    Abandon,
    Abort,
    Adjudicate,
    Cancel,
    Change,
    Command,
    Drop,
    End,
    Join,
    NewGame,
    OfferChange,
    RematchStart,
    Start,
)
from games.protocol import ErrorCode, GameError, GameObject, Outcome, Reason, State, timestamp
from games.rules.board import COLUMNS, ROWS, GameOver, Position
from games.rules.ids import new_game_id


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
        ended_by_a_move = self.outcome is not None and self.outcome.reason in _BY_A_MOVE
        return started + len(self.columns) + (self.outcome is not None and not ended_by_a_move)

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
        return self.first_move if ply % 2 else 3 - self.first_move

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
        return self._move_played(ply, position, self.played_at[ply - 1], _outcome_by_move(self, ply, position))

    # --- judging ------------------------------------------------------------------------------------------------

    def judge(self, command: Command, player_id: int | None, now: datetime) -> Change | protocol.Answer:
        """Say what a command would change, changing nothing.

        Args:
            command: what is asked.
            player_id: who asks; None for the house itself (moderators, the periodic command) and for strangers.
            now: the time at which it is asked.

        Returns:
            The change to store, or an answer for the asker alone where what was asked is recorded already.

        Raises:
            GameError: it is refused; the code says why.
        """
        ruling: Change | protocol.Answer = _JUDGES[type(command)](self, command, player_id, now)
        return ruling

    def _play_move(self, command: protocol.PlayMove, player_id: int | None, now: datetime) -> Change | protocol.Answer:
        # The contract fixes the order of these tests.
        seat = self._seat_or_refuse(player_id)
        self._refuse_while_waiting()
        ply, column, recorded = command.ply, command.column, len(self.columns)
        if 1 <= ply <= recorded and self.columns[ply - 1] == column and self.mover_of(ply) == seat:
            return self.move_played(ply)
        if self.state is State.FINISHED:
            raise GameError(ErrorCode.GAME_FINISHED)
        if 1 <= ply <= recorded:
            raise GameError(ErrorCode.WRONG_PLY)
        if self.mover_of(recorded + 1) != seat:
            raise GameError(ErrorCode.NOT_YOUR_TURN)
        if ply != recorded + 1:
            raise GameError(ErrorCode.WRONG_PLY)
        return self._drop(column, ply, now)

    def _drop(self, column: int, ply: int, now: datetime) -> Drop:
        if not 0 <= column < COLUMNS:
            raise GameError(ErrorCode.NO_SUCH_COLUMN)
        if self.position.height(column) == ROWS:
            raise GameError(ErrorCode.COLUMN_FULL)
        position = self.position.play(column)
        outcome = _outcome(position, column, self.mover_of(ply)) if position.is_over else None
        return Drop(self.id, ply, column, now, position, outcome)

    def _resign(self, command: protocol.Resign, player_id: int | None, now: datetime) -> Change:
        seat = self._seat_or_refuse(player_id)
        self._refuse_unless_in_progress()
        return self._end(Outcome(3 - seat, Reason.RESIGNATION), now)

    def _offer_rematch(
        self, command: protocol.OfferRematch, player_id: int | None, now: datetime
    ) -> Change | protocol.Answer:
        seat = self._seat_or_refuse(player_id)
        if self.rematch_id is not None:
            return protocol.RematchStarted(game=self.rematch_id)
        if self.state is not State.FINISHED or self.participant2 is None:
            raise GameError(ErrorCode.REMATCH_UNAVAILABLE)
        if self.rematch_offered_by == seat:
            return protocol.RematchOffered(participant=seat)
        if self.rematch_offered_by is None:
            return OfferChange(self.id, None, seat, seat)
        return RematchStart(self.id, self.rematch_offered_by, self._next_game(now))

    def _decline_rematch(self, command: protocol.DeclineRematch, player_id: int | None, now: datetime) -> Change:
        seat = self._seat_or_refuse(player_id)
        if self.rematch_offered_by is None or self.rematch_id is not None:
            raise GameError(ErrorCode.REMATCH_UNAVAILABLE)
        return OfferChange(self.id, self.rematch_offered_by, None, seat)

    def _join(self, command: Join, player_id: int | None, now: datetime) -> Change | protocol.Answer:
        seat = self.seat_of(command.participant.player_id)
        if seat == 2:
            return self._snapshot_for(2, now)
        if self.state is State.FINISHED:
            raise GameError(ErrorCode.GAME_FINISHED)
        if seat == 1:
            raise GameError(ErrorCode.OWN_GAME)
        if self.state is not State.WAITING:
            raise GameError(ErrorCode.GAME_FULL)
        return Start(self.id, command.participant, now)

    def _cancel(self, command: Cancel, player_id: int | None, now: datetime) -> Change:
        self._seat_or_refuse(player_id)
        if self.state is State.FINISHED:
            raise GameError(ErrorCode.GAME_FINISHED)
        if self.state is not State.WAITING:
            raise GameError(ErrorCode.GAME_ALREADY_STARTED)
        return self._end(Outcome(None, Reason.ABORTED), now)

    def _adjudicate(self, command: Adjudicate, player_id: int | None, now: datetime) -> Change:
        self._refuse_unless_in_progress()
        return self._end(Outcome(command.winner, Reason.ADJUDICATION), now, command.note)

    def _abort(self, command: Abort, player_id: int | None, now: datetime) -> Change:
        if self.state is State.FINISHED:
            raise GameError(ErrorCode.GAME_FINISHED)
        return self._end(Outcome(None, Reason.ABORTED), now, command.note)

    def _abandon(self, command: Abandon, player_id: int | None, now: datetime) -> Change:
        self._refuse_unless_in_progress()
        if len(self.columns) != command.plies:
            raise GameError(ErrorCode.WRONG_PLY)  # somebody has moved after all
        return self._end(Outcome(None, Reason.ABANDONMENT), now)

    def _seat_or_refuse(self, player_id: int | None) -> int:
        seat = self.seat_of(player_id)
        if seat is None:
            raise GameError(ErrorCode.NOT_A_PARTICIPANT)
        return seat

    def _refuse_while_waiting(self) -> None:
        if self.state is State.WAITING:
            raise GameError(ErrorCode.GAME_NOT_STARTED)

    def _refuse_unless_in_progress(self) -> None:
        self._refuse_while_waiting()
        if self.state is State.FINISHED:
            raise GameError(ErrorCode.GAME_FINISHED)

    def _end(self, outcome: Outcome, now: datetime, note: str = "") -> End:
        return End(self.id, self.state, len(self.columns), outcome, now, note)

    def _next_game(self, now: datetime) -> NewGame:
        """The rematch: seats swapped, everything else the same. The caller has seen that seat 2 is taken."""
        assert self.participant2 is not None  # narrows the type; _offer_rematch refuses before
        return NewGame(
            game_id=new_game_id(), participant1=self.participant2, participant2=self.participant1,
            first_move=self.first_move, visibility=self.visibility, create_time=now, start_time=now, rematch_of=self.id,
        )  # fmt: skip

    # --- applying -----------------------------------------------------------------------------------------------

    def apply(self, change: Change) -> protocol.Event:
        """Take in a change that is stored.

        Args:
            change: made by `judge` on this very state.

        Returns:
            The event that everybody in the game hears.
        """
        event: protocol.Event = _APPLIERS[type(change)](self, change)
        return event

    def _apply_drop(self, drop: Drop) -> protocol.Event:
        self.position = drop.position
        self.columns.append(drop.column)
        self.played_at.append(drop.played_at)
        if drop.outcome is not None:
            self._finish(drop.outcome, drop.played_at)
        return self._move_played(drop.ply, drop.position, drop.played_at, drop.outcome)

    def _apply_start(self, start: Start) -> protocol.Event:
        self.participant2 = start.participant
        self.start_time = start.start_time
        self.state = State.IN_PROGRESS
        return protocol.GameStarted(version=self.version, game=self.as_json_object())

    def _apply_end(self, end: End) -> protocol.Event:
        self._finish(end.outcome, end.end_time)
        self.note = end.note
        return protocol.GameFinished(version=self.version, outcome=end.outcome)

    def _apply_offer_change(self, change: OfferChange) -> protocol.Event:
        self.rematch_offered_by = change.offered_by
        if change.offered_by is None:
            return protocol.RematchDeclined(participant=change.by_seat)
        return protocol.RematchOffered(participant=change.offered_by)

    def _apply_rematch_start(self, change: RematchStart) -> protocol.Event:
        self.rematch_offered_by = None
        self.rematch_id = change.new_game.game_id
        return protocol.RematchStarted(game=change.new_game.game_id)

    def _finish(self, outcome: Outcome, now: datetime) -> None:
        self.state = State.FINISHED
        self.outcome = outcome
        self.end_time = now

    def hear(self, move: protocol.MovePlayed) -> bool:
        """Take in a move that another process stored and announced.

        Args:
            move: its event.

        Returns:
            Whether the move was the next one and is now part of this game; False where a stored state must be loaded.
        """
        fits = (
            self.state is State.IN_PROGRESS and move.version == self.version + 1 and move.ply == len(self.columns) + 1
        )
        if not fits or move.column not in self.position.legal_columns:
            return False
        self._apply_drop(
            Drop(self.id, move.ply, move.column, datetime.fromisoformat(move.played_at),
                 self.position.play(move.column), move.outcome)
        )  # fmt: skip
        return True

    def _move_played(
        self, ply: int, position: Position, played_at: datetime, outcome: Outcome | None
    ) -> protocol.MovePlayed:
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
            played_at=timestamp(played_at),
        )

    def _snapshot_for(self, seat: int | None, now: datetime) -> protocol.Snapshot:
        return protocol.Snapshot(game=self.as_json_object(), you=seat, server_time=timestamp(now), rematch=self.rematch)

    def events_since(self, known: "LiveGame") -> list[protocol.Event]:
        """The events that lead from an earlier state of this game to this one.

        Args:
            known: the same game, not later than this.
        """
        events: list[protocol.Event] = []
        if known.start_time is None and self.start_time is not None:
            events.append(protocol.GameStarted(version=1, game=self._as_started().as_json_object()))
        events += [self.move_played(ply) for ply in range(len(known.columns) + 1, len(self.columns) + 1)]
        if known.outcome is None and self.outcome is not None and self.outcome.reason not in _BY_A_MOVE:
            events.append(protocol.GameFinished(version=self.version, outcome=self.outcome))
        if self.rematch_id is not None and known.rematch_id is None:
            events.append(protocol.RematchStarted(game=self.rematch_id))
        elif self.rematch_offered_by is not None and self.rematch_offered_by != known.rematch_offered_by:
            events.append(protocol.RematchOffered(participant=self.rematch_offered_by))
        elif known.rematch_offered_by is not None and self.rematch_offered_by is None:
            events.append(protocol.RematchDeclined(participant=known.rematch_offered_by))
        return events

    def _as_started(self) -> "LiveGame":
        """This game at version 1."""
        return LiveGame(
            NewGame(
                self.id, self.participant1, self.first_move, self.visibility, self.create_time, self.participant2,
                self.start_time,
            )
        )  # fmt: skip

    def snapshot(self, player_id: int | None, now: datetime) -> protocol.Snapshot:
        """The whole state as one person sees it.

        Args:
            player_id: who asks; None for somebody who is not signed in.
            now: the server's time, for the client's clock.
        """
        return self._snapshot_for(self.seat_of(player_id), now)


_BY_A_MOVE = frozenset({Reason.FOUR_IN_A_ROW, Reason.BOARD_FULL})


def _outcome(position: Position, column: int, mover: int) -> Outcome:
    if position.is_won:
        return Outcome(mover, Reason.FOUR_IN_A_ROW, position.winning_line(column))
    return Outcome(None, Reason.BOARD_FULL)


def _outcome_by_move(game: LiveGame, ply: int, position: Position) -> Outcome | None:
    return _outcome(position, game.columns[ply - 1], game.mover_of(ply)) if position.is_over else None


_JUDGES: dict[type, Any] = {
    protocol.PlayMove: LiveGame._play_move,
    protocol.Resign: LiveGame._resign,
    protocol.OfferRematch: LiveGame._offer_rematch,
    protocol.DeclineRematch: LiveGame._decline_rematch,
    Join: LiveGame._join,
    Cancel: LiveGame._cancel,
    Adjudicate: LiveGame._adjudicate,
    Abort: LiveGame._abort,
    Abandon: LiveGame._abandon,
}
_APPLIERS: dict[type, Any] = {
    Drop: LiveGame._apply_drop,
    Start: LiveGame._apply_start,
    End: LiveGame._apply_end,
    OfferChange: LiveGame._apply_offer_change,
    RematchStart: LiveGame._apply_rematch_start,
}


def restore(
    new: NewGame, moves: list[tuple[int, datetime]], outcome: Outcome | None, end_time: datetime | None
) -> LiveGame:
    """A live game from what is stored.

    Args:
        new: its row, as it was made, with participant 2 and the start where there are any.
        moves: (column, played at), in the order of their plies.
        outcome: how it ended, without the line; None while it goes on.
        end_time: when it ended.

    Raises:
        rules.IllegalDrop: the stored moves are no legal game.
    """
    game = LiveGame(new)
    for column, played_at in moves:
        if game.position.is_over:
            raise GameOver("a move after the end")
        game.position = game.position.play(column)
        game.columns.append(column)
        game.played_at.append(played_at)
    if outcome is None and game.position.is_over:
        # The row was read before the winning or filling move was stored, the moves after it: the move says how it
        # ended.
        mover = game.mover_of(len(game.columns))
        game._finish(_outcome(game.position, game.columns[-1], mover), game.played_at[-1])
    if outcome is not None and end_time is not None:
        line = (
            game.position.winning_line(game.columns[-1]) if outcome.reason is Reason.FOUR_IN_A_ROW and moves else None
        )
        game._finish(Outcome(outcome.winner, outcome.reason, line), end_time)
    return game
