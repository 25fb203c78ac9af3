"""The ruling on a move, and what has been played."""

from datetime import datetime, timedelta
from typing import Final

from games.game.changes import Drop, End
from games.game.clocks import out_of_time
from games.game.live import LiveGame
from games.game.people import Side
from games.game.rulings import Ruling, for_participants, refuse_while_waiting
from games.game.standing import MoveTime
from games.protocol import ErrorCode, GameError, PlayMove
from games.rules.board import COLUMNS, ROWS
from games.rules.clock import Clock
from games.rules.outcomes import outcome_of

_MS: Final = timedelta(milliseconds=1)


@for_participants(PlayMove)
def play_move(game: LiveGame, command: PlayMove, by: Side, now: datetime) -> Ruling:
    """Drop a disc. The contract fixes the order of these tests."""
    refuse_while_waiting(game)
    ply, column, recorded = command.ply, command.column, len(game.discs)
    is_own = game.opening.plies < ply <= recorded
    if is_own and game.discs[ply - 1].column == column and game.mover_of(ply) == by.seat:
        return game.move_played(ply)
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
    if 1 <= ply <= recorded:
        raise GameError(ErrorCode.WRONG_PLY)
    if not _has_seen_takebacks(game, command):
        raise GameError(ErrorCode.WRONG_PLY)
    if game.mover_of(recorded + 1) != by.seat:
        raise GameError(ErrorCode.NOT_YOUR_TURN)
    if ply != recorded + 1:
        raise GameError(ErrorCode.WRONG_PLY)
    refuse_column(game, column)
    if game.clock is None:
        return drop(game, column, by, now)
    return timed(game, game.clock, command, by, now)


def _has_seen_takebacks(game: LiveGame, command: PlayMove) -> bool:
    """Whether a move was made on the board as it is: one that is sent again may be of a ply that was taken back."""
    return not game.taken_back_at or (isinstance(command.version, int) and command.version >= game.taken_back_at)


def timed(game: LiveGame, clock: Clock, command: PlayMove, by: Side, now: datetime) -> Drop | End:
    """The next disc with what it costs; where it comes too late, the end of the game.

    Args:
        game: a timed one, in progress.
        clock: its clocks.
        command: which asks for the disc.
        by: whose it is.
        now: when it came.
    """
    elapsed_ms = by.timing.elapsed_ms
    if elapsed_ms is None:
        elapsed_ms = max(0, (now - game.turn_since) // _MS)
    move_time_ms = command.move_time_ms if isinstance(command.move_time_ms, int) else None
    charge = clock.charge(by.seat, elapsed_ms, move_time_ms, by.timing.trusted_lag_ms)
    if clock.is_too_late(by.seat, elapsed_ms, charge):
        return out_of_time(game, clock, by.seat, now)
    time = MoveTime(*charge, clock.left_after(by.seat, charge))
    return drop(game, command.column, by, now, time)


def refuse_column(game: LiveGame, column: int) -> None:
    """Refuse with ``no_such_column`` or ``column_full`` where no disc can be dropped."""
    if not 0 <= column < COLUMNS:
        raise GameError(ErrorCode.NO_SUCH_COLUMN)
    if game.position.height(column) == ROWS:
        raise GameError(ErrorCode.COLUMN_FULL)


def drop(game: LiveGame, column: int, by: Side, now: datetime, time: MoveTime | None = None) -> Drop:
    """The next disc of a game in progress, in a column that takes it."""
    position = game.position.play(column)
    outcome = outcome_of(position, column, by.seat) if position.is_over else None
    return Drop(
        game_id=game.id, number=game.number + 1, at=now, seat=by.seat, column=column, outcome=outcome, time=time
    )


def have_both_moved(game: LiveGame) -> bool:
    """Whether each side has ever made a move of its own, taken back since or not."""
    return len(game.first_moves) == 2


def played_since(game: LiveGame, number: int) -> int:
    """How many discs were dropped after a change, taken back since or not.

    Args:
        game: as it stands.
        number: of the change.
    """
    return sum(isinstance(change, Drop) for change in game.changes[number:])


def is_ahead(game: LiveGame, command: object) -> bool:
    """Whether a move was made on a version that this process has not heard of.

    Args:
        game: as it stands here.
        command: a move, or anything else.
    """
    return isinstance(command, PlayMove) and isinstance(command.version, int) and command.version > game.version
