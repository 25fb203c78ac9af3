"""How time passes for people who are connected here: not at all while the process stands still."""

import asyncio
from collections.abc import Callable

TICK = 0.25
"""Seconds between two looks at the clock, whatever else happens."""
PAUSE = 1.0
"""A longer gap between two looks is a pause: the process was stopped, or its loop was blocked."""


class Pace:
    """Monotonic seconds, less the pauses of this process. Never goes back.

    Every reading looks for a pause too: a process that goes on after a stop may read sockets before its timers ring.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._paused = 0.0
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
        if now - self._looked_at > PAUSE:
            self._paused += now - self._looked_at
        self._looked_at = now
        return now - self._paused
