"""The rulings on clocks: time that is over, and time that is given."""

from datetime import datetime

from games.game.changes import End
from games.game.commands import Flag
from games.game.live import LiveGame
from games.game.offered import TimeGift
from games.game.people import House, Side
from games.game.rulings import Ruling, for_participants, for_the_house, refuse_unless_in_progress
from games.protocol import ErrorCode, GameError, Reason
from games.protocol.commands import AddTime
from games.rules.clock import Clock


@for_the_house(Flag)
def flag(game: LiveGame, command: Flag, by: House, now: datetime) -> Ruling:
    """The side to move is out of time; refused where it has moved after all, or got more time."""
    refuse_unless_in_progress(game)
    if game.clock is None or command != flag_of(game):
        raise GameError(ErrorCode.WRONG_PLY)
    return out_of_time(game, game.clock, game.turn or 1, now)


@for_participants(AddTime)
def add_time(game: LiveGame, command: AddTime, by: Side, now: datetime) -> Ruling:
    """Give the other side time, up to twice what it began with."""
    refuse_unless_in_progress(game)
    added_ms = 0 if game.clock is None else game.clock.addable_ms(3 - by.seat)
    if not added_ms:
        raise GameError(ErrorCode.OFFER_UNAVAILABLE, NO_TIME_TO_ADD)
    return TimeGift(game_id=game.id, number=game.number + 1, at=now, seat=by.seat, added_ms=added_ms)


NO_TIME_TO_ADD = "The other side has no clock, or as much time as it may have."


def flag_of(game: LiveGame) -> Flag:
    """The command that ends a timed game in progress on time, as long as nothing moves or gives time.

    Args:
        game: as it stands.
    """
    limit_ms = 0 if game.clock is None or game.turn is None else game.clock.flag_ms(game.turn)
    return Flag(game.turn_since, limit_ms)


def out_of_time(game: LiveGame, clock: Clock, seat: int, now: datetime) -> End:
    """The end of a game in which a side's time is over: lost, but for the time of its first move.

    Args:
        game: in progress.
        clock: its clocks.
        seat: the side to move.
        now: when.
    """
    is_lost = clock.runs_for(seat)
    return End(
        game_id=game.id, number=game.number + 1, at=now, seat=None if is_lost else seat,
        winner=3 - seat if is_lost else None,
        reason=Reason.TIMEOUT if is_lost else Reason.ABORTED,
    )  # fmt: skip
