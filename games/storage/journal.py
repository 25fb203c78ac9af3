"""The journal: one writer a process. It takes all that waits, stores it in one transaction, and takes the next.

While one batch is being committed the next one collects, so an idle writer adds no wait and a busy one stores hundreds
of moves a commit (group commit, as databases do it for their own logs; DeWitt et al., "Implementation Techniques for
Main Memory Database Systems", SIGMOD 1984). The writer has its own thread and its own connection; its callers live on
an event loop and are woken with one call into it for each batch.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction

from games.game.changes import Change
from games.logs import reason_of
from games.storage import statements
from games.storage.checkpoints import Checkpoints
from games.storage.database import use_own_connection

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

LOOK_UP_INTERVAL = 0.2
"""Seconds between attempts to learn what became of a commit whose answer was lost."""


LOOK_FOR_LOOP = 1.0
"""Seconds after which an idle writer looks whether its callers' event loop has ended, and then ends too."""

MAX_ATTEMPTS = 5
"""How often a batch is tried when PostgreSQL breaks a deadlock or a serialisation conflict."""


class Verdict(Enum):
    """What became of a change."""

    STORED = "stored"
    CONFLICT = "conflict"
    """The store holds something else by now; this change took no effect."""
    FAILED = "failed"
    """Withdrawn or rolled back: not stored."""


_VERDICTS = {True: Verdict.STORED, False: Verdict.CONFLICT, None: Verdict.FAILED}


class Entry:
    """A change on its way to the store.

    Attributes:
        change: what to store.
        owner: whatever the caller wants to find the change by when it is done.
    """

    __slots__ = ("change", "owner", "stage")

    def __init__(self, change: Change, owner: Any) -> None:
        self.change = change
        self.owner = owner
        self.stage = "waiting"


Done = Callable[[list[tuple[Entry, Verdict]]], None]


class Journal:
    """The writer of one process.

    Args:
        done: called on the event loop, once a batch, with what became of each entry, in commit order.
        loop: the event loop of the callers.
    """

    def __init__(self, done: Done, loop: asyncio.AbstractEventLoop) -> None:
        self._done = done
        self._loop = loop
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._stage_lock = threading.Lock()
        self._checkpoints: Checkpoints | None = None
        self._is_closing = False
        self._in_a_row = 0
        self.waiting = 0
        self.on_batch: Callable[[int, float], None] | None = None
        self._thread = threading.Thread(target=self._write, name="fourline-journal", daemon=True)
        self._thread.start()

    def submit(self, entry: Entry) -> bool:
        """Hand a change to the writer. To be called on the loop's thread.

        Args:
            entry: waits in the queue from now on.

        Returns:
            False when too many wait already or the journal is closed; the entry is then not taken.
        """
        if self.waiting >= MAX_WAITING or self._is_closing:
            return False
        self.waiting += 1
        self._queue.put(entry)
        return True

    def withdraw(self, entry: Entry) -> bool:
        """Take a change back before the writer has begun with it.

        Returns:
            False when the writer has it already: its verdict will come.
        """
        with self._stage_lock:
            if entry.stage != "waiting":
                return False
            entry.stage = "withdrawn"
            return True

    def close(self) -> None:
        """Store what waits, end the thread and close its connection. Blocks until that is done."""
        if not self._is_closing:
            self._is_closing = True
            self._queue.put(None)
        self._thread.join()

    # --- the writer's thread ------------------------------------------------------------------------------------

    def _write(self) -> None:
        use_own_connection(is_journal=True)
        try:
            is_open = True
            while is_open:
                entries, is_open = self._next_batch()
                if entries:
                    self._finish(self._store_or_fail(entries))
                    self._let_others_write()
        finally:
            if self._checkpoints is not None:
                self._checkpoints.close()
            connections.close_all()

    def _next_batch(self) -> tuple[list[Entry], bool]:
        """All that wait, in order; at most one change of a game, which callers see to."""
        try:
            first = self._queue.get(timeout=LOOK_FOR_LOOP)
        except queue.Empty:
            return [], not self._loop.is_closed()
        taken, is_open = ([first], True) if first is not None else ([], False)
        while len(taken) < MAX_BATCH:
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                is_open = False
            else:
                taken.append(entry)
        with self._stage_lock:
            for entry in taken:
                if entry.stage == "waiting":
                    entry.stage = "taken"
        return taken, is_open

    def _let_others_write(self) -> None:
        if connections["default"].vendor != "sqlite":
            return
        self._in_a_row = 0 if self._queue.empty() else self._in_a_row + 1
        if self._in_a_row >= BACK_TO_BACK:
            time.sleep(PAUSE_BETWEEN_SQLITE_BATCHES)
        if self._checkpoints is None:
            self._checkpoints = Checkpoints()
        self._checkpoints.restart_if_long()

    def _store_or_fail(self, entries: list[Entry]) -> list[tuple[Entry, Verdict]]:
        """The writer outlives any error: without it nothing would ever be stored again."""
        try:
            return self._store(entries)
        except Exception:
            log.exception("%d changes were not stored", len(entries))
            return [(entry, Verdict.FAILED) for entry in entries]

    def _store(self, entries: list[Entry]) -> list[tuple[Entry, Verdict]]:
        kept = [entry for entry in entries if entry.stage == "taken"]
        withdrawn = [(entry, Verdict.FAILED) for entry in entries if entry.stage != "taken"]
        if not kept:
            return withdrawn
        started = time.perf_counter()
        verdicts = self._store_together([entry.change for entry in kept])
        if self.on_batch is not None:
            self.on_batch(len(kept), time.perf_counter() - started)
        return withdrawn + list(zip(kept, verdicts, strict=True))

    def _store_together(self, changes: Sequence[Change]) -> list[Verdict]:
        try:
            return self._commit_on_whole_connection(changes)
        except _InDoubt as doubt:
            log.warning("commit of %d changes in doubt: %s", len(changes), doubt.__cause__)
            return self._look_up(changes)
        except (OperationalError, InterfaceError) as error:
            self._forget_broken_connection()
            if statements.is_lock_timeout(error) and len(changes) > 1:
                return self._store_what_is_free(changes)
            log.warning("storage unavailable: %d changes not stored: %s", len(changes), reason_of(error))
            return [Verdict.FAILED] * len(changes)
        except Exception:
            if len(changes) == 1:
                log.exception("a change can't be stored: %r", changes[0])
                return [Verdict.FAILED]
            # One of them spoils the transaction: its neighbours must not suffer for it.
            return [self._store_together([change])[0] for change in changes]

    def _store_what_is_free(self, changes: Sequence[Change]) -> list[Verdict]:
        """Some transaction holds one of the games for long: the others must not suffer for it."""
        try:
            return self._commit(changes, skip_locked=True)
        except _InDoubt:
            return self._look_up(changes)
        except (DatabaseError, InterfaceError) as error:
            log.warning("%d changes not stored: %s", len(changes), reason_of(error))
            self._forget_broken_connection()
            return [Verdict.FAILED] * len(changes)

    def _commit_on_whole_connection(self, changes: Sequence[Change]) -> list[Verdict]:
        """`_commit`; once more with a new connection when it broke before COMMIT, as after PostgreSQL's restart."""
        try:
            return self._commit(changes)
        except (OperationalError, InterfaceError):
            if not self._forget_broken_connection():
                raise
            return self._commit(changes)

    def _commit(self, changes: Sequence[Change], skip_locked: bool = False) -> list[Verdict]:
        """One transaction, tried again when PostgreSQL breaks a deadlock or a serialisation conflict."""
        connection = connections["default"]
        for attempt in range(1, MAX_ATTEMPTS + 1):
            is_committing = False
            try:
                with transaction.atomic(durable=True):
                    stored = statements.store(connection, changes, skip_locked)
                    is_committing = True
                return [_VERDICTS[took_effect] for took_effect in stored]
            except (DatabaseError, InterfaceError) as error:
                if statements.is_worth_retrying(error) and attempt < MAX_ATTEMPTS:
                    continue
                # A foreign key that doesn't hold shows at COMMIT too, but is a certain refusal.
                if is_committing and isinstance(error, (OperationalError, InterfaceError)):
                    raise _InDoubt from error
                raise
        raise AssertionError("the last attempt returns or raises")

    def _look_up(self, changes: Sequence[Change]) -> list[Verdict]:
        """What became of a commit whose answer was lost: asked until the store says so."""
        while True:
            self._forget_broken_connection()
            try:
                with transaction.atomic(durable=True):
                    return [
                        Verdict.STORED if is_stored else Verdict.FAILED for is_stored in statements.look_up(changes)
                    ]
            except (DatabaseError, InterfaceError) as error:
                if self._is_closing:
                    log.error("closing with %d changes in doubt: %s", len(changes), reason_of(error))
                    return [Verdict.FAILED] * len(changes)
                time.sleep(LOOK_UP_INTERVAL)

    def _forget_broken_connection(self) -> bool:
        """Close the connection if it is broken; whether it was."""
        connection = connections["default"]
        is_broken = connection.connection is not None and not connection.is_usable()
        if is_broken:
            connection.close()
        return is_broken

    def _finish(self, done: list[tuple[Entry, Verdict]]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._deliver, done)
        except RuntimeError:
            log.warning("the event loop is gone; %d stored changes are announced to nobody", len(done))

    def _deliver(self, done: list[tuple[Entry, Verdict]]) -> None:
        self.waiting -= len(done)
        self._done(done)


class _InDoubt(Exception):
    """The connection failed at COMMIT: stored or not, nobody knows yet."""
