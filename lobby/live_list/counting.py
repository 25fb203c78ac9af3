"""How many games a long list has: counted seldom, so that counting never takes more than a small share of a core."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError

log = logging.getLogger("fourline.lobby")

INTERVAL = 10.0
"""Seconds from one count to the next, at least."""
SHARE = 200
"""A count that took long is followed by a pause so many times as long: half a percent of a core, whatever there is."""
MOST = 100_000
"""Where counting ends. A longer list is said to have so many."""


class Counter:
    """The length of one list, as last counted; for all threads of a process.

    Args:
        count: counts now, up to `MOST`.
        clock: seconds; monotonic.
    """

    def __init__(self, count: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._due_at = float("-inf")
        self._last = 0

    def read(self, at_least: int) -> int:
        """The length, counted anew when it is time.

        Args:
            at_least: games that the caller sees in the list.
        """
        if self._clock() >= self._due_at and self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        return max(self._last, at_least)

    def _renew(self) -> None:
        started = self._clock()
        try:
            self._last = self._count()
        except DatabaseError as error:  # it took longer than a statement may, or the store is away
            log.warning("a list could not be counted: %s", error)
        ended = self._clock()
        self._due_at = ended + max(INTERVAL, SHARE * (ended - started))
