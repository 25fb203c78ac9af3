"""What has to happen to a game when its time has come, though nobody asks for it."""

from datetime import datetime, timedelta
from typing import Final

from games.game.clocks import flag_of
from games.game.commands import Abandon, Cancel, Flag
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.protocol import State
from games.rules.clock import Clock
from games.rules.time_controls import TimeControl

DESERTED_AFTER: Final = timedelta(days=7)
"""Without a move for so long, a game in progress ends as ``abandonment``, without a winner."""
UNANSWERED_AFTER: Final = timedelta(days=1)
"""Without a participant 2 for so long, a waiting game is cancelled (``aborted``)."""


def due_at(game: LiveGame) -> datetime | None:
    """No earlier than this does anything have to happen, if nobody does anything; None where nothing ever has to.

    In an untimed game a move never brings it nearer, so what was stored with its start stays a lower bound.

    Args:
        game: as it stands.
    """
    if game.state is State.WAITING:
        return game.create_time + UNANSWERED_AFTER
    if game.state is State.FINISHED:
        return None
    if game.clock is not None and game.turn is not None:
        return game.turn_since + timedelta(milliseconds=game.clock.flag_ms(game.turn))
    last = game.discs[-1].at if game.discs else game.start_time or game.create_time
    return last + DESERTED_AFTER


def due(game: LiveGame, now: datetime) -> Abandon | Cancel | Flag | datetime | None:
    """What has to happen to a game.

    Args:
        game: as it stands.
        now: the time at which it is looked at.

    Returns:
        A command for the house to run; or the later time at which to look again; or None, never.
    """
    at = due_at(game)
    if at is None:
        return None
    if game.clock is not None and game.turn is not None:
        # Moves don't write when to look again: the other side's time may be over sooner, if this one moves at once.
        other = now + timedelta(milliseconds=game.clock.flag_ms(3 - game.turn))
        return min(at, other) if now < at else flag_of(game)
    if now < at:
        return at
    return Cancel() if game.state is State.WAITING else Abandon(len(game.discs))


def due_at_first(new: NewGame) -> datetime:
    """`due_at` of a game that is being made.

    Args:
        new: what it is made of.
    """
    if new.start_time is None:
        return new.create_time + UNANSWERED_AFTER
    return due_after_start(new.time_control, new.start_time)


def due_after_start(control: TimeControl | None, start_time: datetime) -> datetime:
    """When a game that has just begun needs attention at the earliest.

    Args:
        control: how much time there is; None for any.
        start_time: when it began.
    """
    if control is None:
        return start_time + DESERTED_AFTER
    return start_time + timedelta(milliseconds=Clock.start(control).flag_ms(1))
