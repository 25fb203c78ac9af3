"""The ruling on a move."""

from datetime import datetime

from games.game.changes import Drop
from games.game.live import LiveGame, outcome_of
from games.game.people import Side
from games.game.rulings import Ruling, for_participants, refuse_while_waiting
from games.protocol import ErrorCode, GameError, PlayMove
from games.rules.board import COLUMNS, ROWS


@for_participants(PlayMove)
def play_move(game: LiveGame, command: PlayMove, by: Side, now: datetime) -> Ruling:
    """Drop a disc. The contract fixes the order of these tests."""
    refuse_while_waiting(game)
    ply, column, recorded = command.ply, command.column, len(game.columns)
    if 1 <= ply <= recorded and game.columns[ply - 1] == column and game.mover_of(ply) == by.seat:
        return game.move_played(ply)
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
    if 1 <= ply <= recorded:
        raise GameError(ErrorCode.WRONG_PLY)
    if game.mover_of(recorded + 1) != by.seat:
        raise GameError(ErrorCode.NOT_YOUR_TURN)
    if ply != recorded + 1:
        raise GameError(ErrorCode.WRONG_PLY)
    return drop(game, column, now)


def drop(game: LiveGame, column: int, now: datetime) -> Drop:
    """The next disc of a game in progress.

    Raises:
        GameError: ``no_such_column`` or ``column_full``.
    """
    if not 0 <= column < COLUMNS:
        raise GameError(ErrorCode.NO_SUCH_COLUMN)
    if game.position.height(column) == ROWS:
        raise GameError(ErrorCode.COLUMN_FULL)
    position, ply = game.position.play(column), len(game.columns) + 1
    outcome = outcome_of(position, column, game.mover_of(ply)) if position.is_over else None
    return Drop(game.id, ply, column, now, position, outcome)
