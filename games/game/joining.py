"""The rulings on a waiting game: somebody joins, or the one who made it takes it back."""

from datetime import datetime

from games.game.changes import Start
from games.game.commands import Cancel, Decline, Join
from games.game.due import due_after_start
from games.game.endings import end
from games.game.live import LiveGame
from games.game.people import Asker, House
from games.game.rulings import Ruling, for_anybody, side_of
from games.protocol import ErrorCode, GameError, Outcome, Reason


@for_anybody(Join)
def join(game: LiveGame, command: Join, by: Asker, now: datetime) -> Ruling:
    """Take seat 2; whoever has that seat already is answered with the game."""
    seat = game.seat_of(command.participant.player_id)
    if seat == 2:
        return game.snapshot(command.participant.player_id, now)
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
    if seat == 1:
        raise GameError(ErrorCode.OWN_GAME)
    if not game.is_waiting:
        raise GameError(ErrorCode.GAME_FULL)
    if game.invited is not None and game.invited.player_id != command.participant.player_id:
        raise GameError(ErrorCode.NOT_INVITED)
    if game.rated and command.rating is None:
        raise GameError(ErrorCode.NOT_RATED)
    return Start(
        game_id=game.id,
        number=game.number + 1,
        at=now,
        seat=2,
        participant=command.participant,
        rating=command.rating,
        due_at=None if game.time_control is None else due_after_start(game.time_control, now),
        opening=game.opening.draw(),
    )


@for_anybody(Decline)
def decline(game: LiveGame, command: Decline, by: Asker, now: datetime) -> Ruling:
    """Refuse a challenge: for whom it is for."""
    if game.invited is None or game.invited.player_id != by:
        raise GameError(ErrorCode.NOT_INVITED)
    return _end_waiting(game, now, seat=2)


@for_anybody(Cancel)
def cancel(game: LiveGame, command: Cancel, by: Asker, now: datetime) -> Ruling:
    """Take back a game that nobody has joined: for the one who made it, and for the house."""
    if not isinstance(by, House):
        side_of(game, by)
    return _end_waiting(game, now)


def _end_waiting(game: LiveGame, now: datetime, seat: int | None = None) -> Ruling:
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
    if not game.is_waiting:
        raise GameError(ErrorCode.GAME_ALREADY_STARTED)
    return end(game, Outcome(None, Reason.ABORTED), now, seat=seat)
