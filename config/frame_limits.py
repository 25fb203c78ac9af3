"""What both servers allow the frames of one connection (docs/decisions/0018)."""

from functools import cache

from django.conf import settings

from games.access.limits import FrameBudget, frames_for

CONTROL_COST = 10
"""What a control frame or a later fragment counts, in frames: nobody needs many, and no other limit sees them."""
MOST_FRAGMENTS = 64
"""Fragments of one message."""
LINGER = 1.0
"""Seconds in which somebody who is cut off can read why."""


@cache
def _usual_frames() -> tuple[int, float]:
    return frames_for((settings.PLAYER_MESSAGES, settings.SPECTATOR_MESSAGES, settings.LOBBY_MESSAGES))


def new_budget(now: float) -> FrameBudget:
    """The budget of a new connection.

    Args:
        now: the time, in seconds of a clock that never goes back.
    """
    return FrameBudget(*_usual_frames(), now)
