"""The time of the log: the store's, since machines' clocks differ.

On PostgreSQL it is what the database's clock said last, and monotonic time since; on SQLite the one machine's own.
"""

import asyncio
import contextlib
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection

from games.storage.reader import Reader

log = logging.getLogger("fourline.time")

INTERVAL = 10.0
"""Seconds from one question for the time to the next."""
MAX_ROUND_TRIP = 0.25
"""Seconds; an answer that took longer says too little. Half of it is the most that a reading can be wrong by."""


class Reading(NamedTuple):
    """What the store's clock said.

    Attributes:
        store: the time.
        monotonic: seconds of this machine's monotonic clock, in the middle of the question.
        took: seconds that the answer took.
    """

    store: datetime
    monotonic: float
    took: float


class StoreTime:
    """The time of the store, for one event loop.

    Args:
        reader: asks it.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._reading: Reading | None = None
        self._task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The store's time; this machine's where the store has not said any."""
        reading = self._reading
        if reading is None:
            return _machine_time()
        return reading.store + timedelta(seconds=time.monotonic() - reading.monotonic)

    @property
    def offset(self) -> float:
        """By how many seconds the store's clock is ahead of this machine's."""
        return 0.0 if self._reading is None else (self.now() - _machine_time()).total_seconds()

    def start(self) -> None:
        """Ask now and every few seconds. Nothing happens the second time."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._ask_for_ever())

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def measure(self) -> None:
        """Ask once; where nobody answers soon, what was said before goes on to hold.

        Raises:
            django.db.DatabaseError, TimeoutError: the store doesn't answer.
        """
        reading = await self._reader.read(read_clock)
        if reading is not None and reading.took <= MAX_ROUND_TRIP:
            self._reading = reading

    async def _ask_for_ever(self) -> None:
        while True:
            with contextlib.suppress(DatabaseError, InterfaceError, TimeoutError):  # others say that it is away
                await self.measure()
            await asyncio.sleep(INTERVAL)


def _machine_time() -> datetime:
    """This machine's; Django's asks for settings each time."""
    return datetime.fromtimestamp(time.time(), UTC)


def read_clock() -> Reading | None:
    """What the store's clock says; None on SQLite, which has none of its own."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        before = time.monotonic()
        cursor.execute("SELECT clock_timestamp()")
        (store,) = cursor.fetchone()
        took = time.monotonic() - before
    return Reading(store, before + took / 2, took)
