"""How time passes for people who are connected here: not at all while the process stands still."""

import asyncio
from collections.abc import Callable

TICK = 0.25
"""Seconds between two looks at the clock, whatever else happens."""
PAUSE = 1.0
"""A longer gap between two looks is a pause: the process was stopped, or its loop was blocked."""
LEFT_AFTER = 3.0
"""A page gives up a process that is silent for so long: after such a pause its people have to come back first."""
RETURN_WITHIN = 5.0
"""Seconds that they have, in which no time passes either."""
SETTLED_AFTER = 2.0
"""Seconds after a pause in which nobody is flagged and no claim granted: what came meanwhile is read first."""


class Pace:
    """Monotonic seconds, less the pauses of this process and, after long ones, the time to come back. Never goes back.

    Every reading looks for a pause too: a process that goes on after a stop may read sockets before its timers ring.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._paused = 0.0
        self._stands_until = float("-inf")
        self._resumed_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at the clock regularly: without that a quiet second would be taken for a pause."""
        self.now()
        self._timer = loop.call_later(TICK, self.start, loop)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def now(self) -> float:
        """Seconds since any moment, pauses left out."""
        now = self._clock()
        gap = now - self._looked_at
        if gap > PAUSE:
            self._paused += gap
            self._resumed_at = now
            if gap > LEFT_AFTER:
                self._stands_until = now + RETURN_WITHIN
        elif self._looked_at < self._stands_until:
            self._paused += min(now, self._stands_until) - self._looked_at
        self._looked_at = now
        return now - self._paused

    def ago(self, seconds: float) -> float:
        """What `now` was so many seconds ago; what lies before the end of the last pause is left out.

        Args:
            seconds: of the clock.
        """
        now = self.now()
        since = max(self._resumed_at, self._stands_until)
        return now - max(0.0, min(seconds, self._looked_at - since))

    @property
    def has_just_paused(self) -> bool:
        """Whether a pause is so recent that not all may be known of what happened meanwhile."""
        self.now()
        return self._clock() < max(self._stands_until, self._resumed_at + SETTLED_AFTER)
