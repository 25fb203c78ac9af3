"""What has to happen to a game when its time has come, though nobody asks for it."""

from datetime import datetime, timedelta
from typing import Final

from games.game.commands import Abandon, Cancel
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.protocol import State

DESERTED_AFTER: Final = timedelta(days=7)
"""Without a move for so long, a game in progress ends as ``abandonment``, without a winner."""
UNANSWERED_AFTER: Final = timedelta(days=1)
"""Without a participant 2 for so long, a waiting game is cancelled (``aborted``)."""


def due_at(game: LiveGame) -> datetime | None:
    """No earlier than this does anything have to happen, if nobody does anything; None where nothing ever has to.

    A move never brings it nearer, so what was stored with the start of the game stays a lower bound.

    Args:
        game: as it stands.
    """
    if game.state is State.WAITING:
        return game.create_time + UNANSWERED_AFTER
    if game.state is State.FINISHED:
        return None
    last = game.discs[-1].at if game.discs else game.start_time or game.create_time
    return last + DESERTED_AFTER


def due(game: LiveGame, now: datetime) -> Abandon | Cancel | datetime | None:
    """What has to happen to a game.

    Args:
        game: as it stands.
        now: the time at which it is looked at.

    Returns:
        A command for the house to run; or the later time at which to look again; or None, never.
    """
    at = due_at(game)
    if at is None or now < at:
        return at
    return Cancel() if game.state is State.WAITING else Abandon(len(game.discs))


def due_at_first(new: NewGame) -> datetime:
    """`due_at` of a game that is being made.

    Args:
        new: what it is made of.
    """
    return new.create_time + UNANSWERED_AFTER if new.start_time is None else new.start_time + DESERTED_AFTER
