"""The journal: one writer a process. It takes all that waits, stores it in one transaction, and takes the next.

While one batch is being committed the next one collects, so an idle writer adds no wait and a busy one stores hundreds
of moves a commit (group commit, as databases do it for their own logs; DeWitt et al., "Implementation Techniques for
Main Memory Database Systems", SIGMOD 1984). The writer has its own thread and its own connection; its callers live on
an event loop and are woken with one call into it for each batch.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Generic

from django.db import DatabaseError, InterfaceError, connections

from games.logs import reason_of
from games.storage.checkpoints import Checkpoints
from games.storage.commits import Commits, Verdict
from games.storage.database import use_own_connection
from games.storage.entry import Entry, W
from games.storage.row_writer import RowWriter

log = logging.getLogger("fourline.journal")

MAX_WAITING = 20_000
"""Changes that may wait for the writer; more are refused, because the store isn't keeping up."""

MAX_BATCH = 1_000
"""Changes in one transaction: bounds how long the first of a batch waits for the last."""

PAUSE_BETWEEN_SQLITE_BATCHES = 0.0005
"""Seconds. Back-to-back transactions starve every other writer of an SQLite file (a second process wrote 11 times in
20 s); this much air between them lets the others in after 0.3 ms at the median."""
BACK_TO_BACK = 3
"""Batches without a break from which there is a pause after each: a few are no burden on others, and at 1000 moves/s
every twentieth move waited for the pause."""

CLOSE_WITHIN = 2.0
"""Seconds for what the event loop has sent to be answered at the end; else the thread looks it up."""
LOOK_FOR_LOOP = 1.0
"""Seconds after which an idle writer looks whether its callers' event loop has ended, and then ends too."""
REST_AFTER_FAILURE = 0.2
"""Seconds for which the writer rests after an error that nobody foresaw, lest it spin."""


class _Signal(Enum):
    """What else wakes the writer."""

    CLOSE = auto()
    JOB = auto()


Done = Callable[[list[tuple[Entry[W], Verdict]]], None]


class Journal(Generic[W]):
    """The writer of one process.

    Args:
        done: called on the event loop, once a batch, with what became of each entry, in commit order.
        loop: the event loop of the callers.
    """

    def __init__(self, done: Done[W], loop: asyncio.AbstractEventLoop) -> None:
        self._done = done
        self._loop = loop
        self._queue: queue.SimpleQueue[Entry[W] | _Signal] = queue.SimpleQueue()
        self._jobs: deque[Callable[[], None]] = deque()
        self._stage_lock = threading.Lock()
        self._checkpoints: Checkpoints | None = None
        self._is_closing = False
        self._commits = Commits(lambda: self._is_closing)
        self._in_a_row = 0
        self._in_hand: list[Entry[W]] = []
        """What the writer has taken from the queue and not finished."""
        self._took: float | None = None
        """Seconds that the store took for the batch in hand."""
        self._is_over = False
        self._has_failed = False
        self._stored_at = float("-inf")
        self.failures = 0
        """Errors that nobody foresaw, each of which the writer outlived."""
        self.waiting = 0
        self.on_batch: Callable[[int, float], None] | None = None
        self._rows: RowWriter[W] | None = None
        """Stores what is rows alone, on PostgreSQL."""
        self._thread = threading.Thread(target=self._write, name="fourline-journal", daemon=True)
        self._thread.start()

    def submit(self, entry: Entry[W]) -> bool:
        """Hand a change to the writer. To be called on the loop's thread.

        Args:
            entry: waits in the queue from now on.

        Returns:
            False when too many wait already or the journal is closed; the entry is then not taken.
        """
        if self.waiting >= MAX_WAITING or self._is_closing:
            return False
        self.waiting += 1
        if self._rows is None or not self._rows.takes(entry):
            self._queue.put(entry)
        return True

    def withdraw(self, entry: Entry[W]) -> bool:
        """Take a change back before the writer has begun with it.

        Returns:
            False when the writer has it already: its verdict will come.
        """
        with self._stage_lock:
            if entry.stage != "waiting":
                return False
            entry.stage = "withdrawn"
            return True

    def do_between(self, job: Callable[[], None]) -> None:
        """Have a piece of work done by the writer when no change waits, one between two batches at most.

        Args:
            job: a few milliseconds on the writer's thread and connection; raises nothing. Forgotten where the journal
                is closed first.
        """
        self._jobs.append(job)
        self._queue.put(_Signal.JOB)

    def has_stored_within(self, seconds: float) -> bool:
        """Whether the last batch that the store took is no older."""
        return time.monotonic() - self._stored_at <= seconds

    def serve(self) -> None:
        """Be a server's: on PostgreSQL store what is rows alone from the event loop. Call it once, on the loop."""
        if connections["default"].vendor == "postgresql":
            self._rows = RowWriter(self._loop, self._deliver_rows, self._take_over)
            self._rows.start()

    async def close_rows(self) -> None:
        """The opposite of `serve`; before `close`."""
        if self._rows is not None:
            await self._rows.close(CLOSE_WITHIN)

    def close(self) -> None:
        """Store what waits, end the thread and close its connection. Blocks until that is done."""
        if not self._is_closing:
            self._is_closing = True
            self._queue.put(_Signal.CLOSE)
        self._thread.join()

    # --- on the loop --------------------------------------------------------------------------------------------

    def _take_over(self, entries: list[Entry[W]]) -> None:
        for entry in entries:
            self._queue.put(entry)

    def _deliver_rows(self, done: list[tuple[Entry[W], Verdict]], seconds: float | None) -> None:
        if seconds is not None:
            self._stored_at = time.monotonic()
        self._deliver(done, seconds)

    # --- the writer's thread ------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Write until there is nobody left to write for. No error ends that: nothing would ever be stored again."""
        use_own_connection(is_journal=True)
        try:
            while not self._is_over:
                try:
                    self._write_batch()
                except Exception as error:
                    self._recover(error)
        finally:
            if self._checkpoints is not None:
                self._checkpoints.close()
            connections.close_all()

    def _write_batch(self) -> None:
        self._take_batch()
        has_batch = bool(self._in_hand)
        if has_batch:
            done = self._store(self._in_hand)
            self._in_hand = []
            self._finish(done)
        # A change that came while the batch was stored waits for this one, and for no other.
        has_job = bool(self._jobs) and not self._is_over
        if has_job:
            self._jobs.popleft()()
        if has_batch or has_job:
            self._let_others_write()
            self._has_failed = False

    def _recover(self, error: Exception) -> None:
        """Whoever waits for what was in hand is told that it is not known to be stored."""
        self.failures += 1
        if not self._has_failed:  # else the log says so already
            log.error("the writer failed and goes on: %s", reason_of(error), exc_info=error)
        self._has_failed = True
        lost, self._in_hand = self._in_hand, []
        self._finish([(entry, Verdict.FAILED) for entry in lost])
        with contextlib.suppress(DatabaseError, InterfaceError):
            connections.close_all()
        time.sleep(REST_AFTER_FAILURE)

    def _take_batch(self) -> None:
        """Take all that wait, in order; at most one change of a game, which callers see to."""
        try:
            self._take(self._queue.get_nowait() if self._jobs else self._queue.get(timeout=LOOK_FOR_LOOP))
            while len(self._in_hand) < MAX_BATCH:
                self._take(self._queue.get_nowait())
        except queue.Empty:
            self._is_over = self._is_over or self._loop.is_closed()
        with self._stage_lock:
            for entry in self._in_hand:
                if entry.stage == "waiting":
                    entry.stage = "taken"

    def _take(self, entry: Entry[W] | _Signal) -> None:
        if isinstance(entry, Entry):
            self._in_hand.append(entry)
        elif entry is _Signal.CLOSE:
            self._is_over = True

    def _let_others_write(self) -> None:
        if connections["default"].vendor != "sqlite":
            return
        self._in_a_row = 0 if self._queue.empty() and not self._jobs else self._in_a_row + 1
        if self._in_a_row >= BACK_TO_BACK:
            time.sleep(PAUSE_BETWEEN_SQLITE_BATCHES)
        if self._checkpoints is None:
            self._checkpoints = Checkpoints()
        self._checkpoints.restart_if_long()

    def _store(self, entries: list[Entry[W]]) -> list[tuple[Entry[W], Verdict]]:
        kept = [entry for entry in entries if entry.stage == "taken"]
        doubtful = [entry for entry in entries if entry.stage == "in doubt"]
        done = [(entry, Verdict.FAILED) for entry in entries if entry.stage == "withdrawn"]
        if doubtful:
            done += zip(doubtful, self._commits.look_up([entry.change for entry in doubtful]), strict=True)
        if kept:
            started = time.perf_counter()
            verdicts = self._commits.store([entry.change for entry in kept])
            if any(verdict is not Verdict.FAILED for verdict in verdicts):
                self._stored_at = time.monotonic()
            self._took = time.perf_counter() - started
            done += zip(kept, verdicts, strict=True)
        return done

    def _finish(self, done: list[tuple[Entry[W], Verdict]]) -> None:
        try:
            took, self._took = self._took, None
            self._loop.call_soon_threadsafe(self._deliver, done, took)
        except RuntimeError:
            log.warning("the event loop is gone; %d stored changes are announced to nobody", len(done))

    def _deliver(self, done: list[tuple[Entry[W], Verdict]], seconds: float | None) -> None:
        """On the loop: say what became of these, for which the store took so many seconds, if it was asked."""
        self.waiting -= len(done)
        if seconds is not None and self.on_batch is not None:
            self.on_batch(len(done), seconds)
        self._done(done)
