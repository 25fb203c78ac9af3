"""Batches that are rows of the log and nothing else, sent to PostgreSQL from the event loop itself.

At some hundred moves a second a batch is one move, and what it costs is hand-overs: to the writer's thread, which waits
for Python's lock, from it to the database's socket, and back. Such a batch is one statement in a transaction of its
own, so nobody has to wait for anything on a thread: it is sent when it is there, and its answer is read when it comes
(libpq's asynchronous functions). Whatever doesn't go as it should is left to the writer's thread, which knows how to
try again, to do without what is locked, and to look up what is in doubt.
"""

import asyncio
import logging
import math
import os
import select
from collections import deque
from collections.abc import Callable
from typing import Generic

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from games.game.live import LoggedChange
from games.logs import reason_of
from games.storage.commits import Verdict
from games.storage.database import Connection, connect_for_rows
from games.storage.entry import Entry, W
from games.storage.inserting import NUMBERED_ROWS, PREPARED_UP_TO, as_arrays
from games.storage.statements import are_rows_alone, leaves_in_doubt

log = logging.getLogger("fourline.journal")

CONNECT_EVERY = 1.0
"""Seconds from one attempt to connect to the next; meanwhile the writer's thread stores everything."""
MAX_BATCH = 1_000
"""Rows in one statement."""
REMEMBERED_FOR = 0.1
"""Seconds of the load by which batches are spaced."""
PAUSE_FOR_EACH = 0.00025
"""Seconds from one batch to the next at least, for each row of the load: nobody waits in a quiet process, and in a busy
one a batch holds several rows, for which PostgreSQL spends hardly more than for one."""
LONGEST_PAUSE = 0.008
"""Seconds: a row waits half of it at the median."""
_PREPARED = b"fourline_rows"


class RowWriter(Generic[W]):
    """One connection, for one event loop.

    Args:
        loop: the callers'.
        deliver: called with what became of each entry of a batch, and how many seconds the store took; None where
            it wasn't asked.
        hand_over: called with entries that the writer's thread has to store, or to look up where they are in doubt.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[list[tuple[Entry[W], Verdict]], float | None], None],
        hand_over: Callable[[list[Entry[W]]], None],
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._hand_over = hand_over
        self._connection: Connection | None = None
        self._waiting: deque[Entry[W]] = deque()
        self._under_way: list[Entry[W]] = []
        self._begun_at = 0.0
        self._load = 0.0
        """Rows of about the last `REMEMBERED_FOR` seconds."""
        self._result: PGresult | None = None
        self._socket = -1
        self._is_full = False
        self._is_closed = False
        self._retry: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Connect, in the background, and stay connected."""
        self._connect()

    def takes(self, entry: Entry[W]) -> bool:
        """Whether it can store a change; then it does."""
        if self._connection is None or self._is_closed or not are_rows_alone((entry.change,)):
            return False
        self._waiting.append(entry)
        if not self._under_way and len(self._waiting) == 1:
            self._send_in_time()
        return True

    async def close(self, within: float) -> None:
        """Finish what is under way, in so many seconds, leave the rest to the writer's thread, and disconnect."""
        self._is_closed = True
        if self._retry is not None:
            self._retry.cancel()
        end = self._loop.time() + within
        while (self._under_way or self._waiting) and self._loop.time() < end:
            await asyncio.sleep(0.005)
        self._disconnect()

    # --- the connection -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._retry = None
        self._loop.run_in_executor(None, _connect).add_done_callback(self._connected)

    def _connected(self, attempt: "asyncio.Future[Connection]") -> None:
        error = None if attempt.cancelled() else attempt.exception()
        if attempt.cancelled() or error is not None:
            log.debug("no connection for rows: %s", reason_of(error or TimeoutError()))
            self._connect_later()
        elif self._is_closed:
            attempt.result().close()
        else:
            self._connection = attempt.result()
            # libpq closes its socket by itself where the connection breaks, and the number may be somebody else's then.
            self._socket = os.dup(self._connection.pgconn.socket)
            self._watch = select.poll()
            self._watch.register(self._socket, select.POLLIN)
            self._loop.add_reader(self._socket, self._read)

    def _connect_later(self) -> None:
        if not self._is_closed:
            self._retry = self._loop.call_later(CONNECT_EVERY, self._connect)

    def _disconnect(self) -> None:
        """Leave everything to the writer's thread: what is under way may be stored."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._is_full = False
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        os.close(self._socket)
        connection.close()
        doubtful, self._under_way, self._result = self._under_way, [], None
        for entry in doubtful:
            entry.stage = "in doubt"
        left = [*doubtful, *self._waiting]
        self._waiting.clear()
        if left:
            self._hand_over(left)

    def _lose(self, why: str) -> None:
        if self._under_way:
            log.warning("commit of %d changes in doubt: %s", len(self._under_way), why)
        self._disconnect()
        self._connect_later()

    # --- batches ------------------------------------------------------------------------------------------------

    def _send_in_time(self) -> None:
        """Send what waits in this turn of the loop, with what else comes in it; under load a little later."""
        at = self._begun_at + min(self._load * PAUSE_FOR_EACH, LONGEST_PAUSE)
        if at <= self._loop.time():
            self._loop.call_soon(self._send)
        else:
            self._loop.call_at(at, self._send)

    def _send(self) -> None:
        connection = self._connection
        if connection is None or self._under_way or not self._waiting:
            return
        if self._watch.poll(0):
            # It says something unasked, which as a rule is that it ends the connection: nothing is sent any more.
            self._lose("the connection was ended")
            return
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
        withdrawn = [(entry, Verdict.FAILED) for entry in batch if entry.stage != "waiting"]
        if withdrawn:
            batch = [entry for entry in batch if entry.stage == "waiting"]
            self._deliver(withdrawn, None)
        if batch:
            self._begin(connection, batch)
        else:
            self._send()

    def _begin(self, connection: Connection, batch: list[Entry[W]]) -> None:
        for entry in batch:
            entry.stage = "taken"
        now = self._loop.time()
        self._load = self._load * math.exp((self._begun_at - now) / REMEMBERED_FOR) + len(batch)
        self._under_way, self._result, self._begun_at = batch, None, now
        arrays = as_arrays([entry.change for entry in batch if isinstance(entry.change, LoggedChange)])
        try:
            if len(batch) <= PREPARED_UP_TO:
                connection.pgconn.send_query_prepared(_PREPARED, arrays)
            else:  # with a plan for its size
                connection.pgconn.send_query_params(NUMBERED_ROWS, arrays)
        except psycopg.OperationalError as error:
            self._lose(reason_of(error))
        else:
            self._flush()

    def _flush(self) -> None:
        if self._connection is None:
            return
        try:
            has_more = self._connection.pgconn.flush()
        except psycopg.OperationalError as error:
            self._lose(reason_of(error))
            return
        if has_more:  # its socket is full
            self._loop.add_writer(self._socket, self._flush)
            self._is_full = True
        elif self._is_full:
            self._loop.remove_writer(self._socket)
            self._is_full = False

    def _read(self) -> None:
        """The socket has something: as a rule the answer."""
        if self._connection is None:
            return
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while self._under_way and not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._finish()
                    return
                self._result = result
        except psycopg.OperationalError as error:
            self._lose(reason_of(error))
            return
        if pgconn.status != ConnStatus.OK:
            self._lose("the connection was ended")

    def _finish(self) -> None:
        result, batch = self._result, self._under_way
        if result is None or result.status != ExecStatus.TUPLES_OK:
            self._fail(result, batch)
            return
        taken = {result.get_value(row, 0) for row in range(result.ntuples)}
        verdicts = [
            (entry, Verdict.STORED if entry.change.game_id.encode() in taken else Verdict.CONFLICT) for entry in batch
        ]
        self._under_way, self._result = [], None
        self._deliver(verdicts, self._loop.time() - self._begun_at)
        if self._waiting:
            self._send_in_time()

    def _fail(self, result: PGresult | None, batch: list[Entry[W]]) -> None:
        state = None if result is None else result.error_field(DiagnosticField.SQLSTATE)
        if leaves_in_doubt(None if state is None else state.decode()):
            self._lose("the connection was ended" if result is None else result.get_error_message())
            return
        # Whatever else it is, a deadlock, a lock, a table that was altered: nothing of the batch is stored, and the
        # writer's thread goes about it its way.
        self._under_way = []
        for entry in batch:
            entry.stage = "waiting"
        self._hand_over(batch)
        self._lose("a statement failed")


def _connect() -> Connection:
    connection = connect_for_rows()
    pgconn = connection.pgconn
    result = pgconn.prepare(_PREPARED, NUMBERED_ROWS)
    if result.status != ExecStatus.COMMAND_OK:
        connection.close()
        raise psycopg.OperationalError(result.get_error_message())
    pgconn.nonblocking = 1
    return connection
