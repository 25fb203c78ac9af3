"""The rulings that end a game by anything but a move."""

from datetime import datetime

from games.game.changes import End
from games.game.commands import Abandon, Abort, Adjudicate
from games.game.live import LiveGame
from games.game.moves import have_both_moved
from games.game.people import House, Side
from games.game.rulings import Ruling, for_participants, for_the_house, refuse_unless_in_progress
from games.protocol import ErrorCode, GameError, Outcome, Reason, Resign
from games.protocol.commands import AbortGame


@for_participants(Resign)
def resign(game: LiveGame, command: Resign, by: Side, now: datetime) -> Ruling:
    """Give the game to the other side; a rated one that has hardly begun is aborted instead."""
    refuse_unless_in_progress(game)
    if game.rated and not have_both_moved(game):
        return end(game, Outcome(None, Reason.ABORTED), now, seat=by.seat)
    return end(game, Outcome(3 - by.seat, Reason.RESIGNATION), now, seat=by.seat)


@for_participants(AbortGame)
def abort_game(game: LiveGame, command: AbortGame, by: Side, now: datetime) -> Ruling:
    """End a game that has hardly begun."""
    refuse_unless_in_progress(game)
    if have_both_moved(game):
        raise GameError(ErrorCode.TOO_LATE)
    return end(game, Outcome(None, Reason.ABORTED), now, seat=by.seat)


@for_the_house(Adjudicate)
def adjudicate(game: LiveGame, command: Adjudicate, by: House, now: datetime) -> Ruling:
    """A moderator's verdict on a game in progress."""
    refuse_unless_in_progress(game)
    return end(game, Outcome(command.winner, Reason.ADJUDICATION), now, command.note)


@for_the_house(Abort)
def abort(game: LiveGame, command: Abort, by: House, now: datetime) -> Ruling:
    """A moderator ends a game without a winner."""
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
    return end(game, Outcome(None, Reason.ABORTED), now, command.note)


@for_the_house(Abandon)
def abandon(game: LiveGame, command: Abandon, by: House, now: datetime) -> Ruling:
    """Everybody has left; refused where somebody has moved after all."""
    refuse_unless_in_progress(game)
    if len(game.discs) != command.plies:
        raise GameError(ErrorCode.WRONG_PLY)
    return end(game, Outcome(None, Reason.ABANDONMENT), now)


def end(game: LiveGame, outcome: Outcome, now: datetime, note: str = "", seat: int | None = None) -> End:
    """The end of a game as it stands."""
    return End(
        game_id=game.id, number=game.number + 1, at=now, seat=seat, winner=outcome.winner, reason=outcome.reason,
        note=note,
    )  # fmt: skip
