"""All that a process writes regularly besides changes of games: small transactions, after the moves.

SQLite has one writer, so what is written here goes through the journal's thread, between its batches: whoever plays
waits for one of these transactions at most. PostgreSQL has many, so there a thread and a connection of their own keep
a row that somebody else holds from holding up moves.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, connections, transaction

from games.logs import reason_of
from games.protocol import ErrorCode, GameError
from games.storage.database import use_own_connection

log = logging.getLogger("fourline.writes")

MAX_WAITING = 500
"""Writes that may wait; more are refused, because the store isn't keeping up."""
ANSWER_WITHIN = 2.0
"""Seconds that a caller waits at most. What is under way then may still be stored."""

P = ParamSpec("P")
T = TypeVar("T")


class Writer(Protocol):
    """The journal, as far as it concerns these writes."""

    def do_between(self, job: Callable[[], None]) -> None:
        """Do a piece of work on the writer's thread when no change waits."""


class _Write(Generic[T]):
    """One transaction on its way."""

    __slots__ = ("_call", "_settled", "result")

    def __init__(self, call: Callable[[], T], settled: Callable[["_Write[T]", T | Exception], None]) -> None:
        self._call = call
        self._settled = settled
        self.result: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def __call__(self) -> None:
        """Run it, on a writer's thread; nothing is raised."""
        if self.result.done():
            return self._settled(self, TimeoutError())  # its caller has gone: nobody needs it any more
        try:
            with transaction.atomic(durable=True):
                found = self._call()
        except Exception as error:
            _forget_broken_connection()
            return self._settled(self, error)
        return self._settled(self, found)


class Writes:
    """The queue of these writes, for one event loop.

    Args:
        journal: runs them on SQLite.
        loop: of the callers.
    """

    def __init__(self, journal: Writer, loop: asyncio.AbstractEventLoop) -> None:
        self._journal = journal
        self._loop = loop
        self._own_thread: ThreadPoolExecutor | None = None
        self._is_closed = False
        self.waiting = 0

    async def do(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that writes, in a transaction of its own.

        Args:
            function: plain code that uses Django's models; a few milliseconds at most.
            args, kwargs: its arguments.

        Raises:
            GameError: ``try_again``: too much waits already, or the store doesn't answer.
        """
        write = self._take(partial(function, *args, **kwargs))
        if write is None:
            raise GameError(ErrorCode.TRY_AGAIN)
        try:
            # Not `wait_for`, which in Python 3.11 forgets a cancellation that comes with the result: a task that is
            # told to end at that moment never would.
            async with asyncio.timeout(ANSWER_WITHIN):
                return await write.result
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("storage unavailable: %s", reason_of(error))
            raise GameError(ErrorCode.TRY_AGAIN) from None

    def offer(self, function: Callable[..., object], *args: Any) -> bool:
        """`do` without waiting for it.

        Returns:
            False when too much waits already; it is not done then.
        """
        write = self._take(partial(function, *args))
        if write is not None:
            write.result.add_done_callback(_note_failure)
        return write is not None

    async def close(self) -> None:
        """Do what is under way; the rest is refused. The journal has been closed before."""
        self._is_closed = True
        if self._own_thread is not None:
            closing = self._loop.run_in_executor(self._own_thread, connections.close_all)
            self._own_thread.shutdown(wait=False, cancel_futures=False)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_WITHIN):
                    await asyncio.shield(closing)

    def _take(self, call: Callable[[], T]) -> _Write[T] | None:
        if self._is_closed or self.waiting >= MAX_WAITING:
            return None
        write: _Write[T] = _Write(call, self._settled)
        self.waiting += 1
        if connections["default"].vendor == "sqlite":
            self._journal.do_between(write)
        else:
            if self._own_thread is None:
                self._own_thread = ThreadPoolExecutor(1, "fourline-writes", use_own_connection)
            self._own_thread.submit(write)
        return write

    def _settled(self, write: _Write[T], outcome: T | Exception) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is gone, and nobody waits
            self._loop.call_soon_threadsafe(self._deliver, write, outcome)

    def _deliver(self, write: _Write[T], outcome: T | Exception) -> None:
        self.waiting -= 1
        if write.result.done():
            return
        if isinstance(outcome, Exception):
            write.result.set_exception(outcome)
        else:
            write.result.set_result(outcome)


def _note_failure(result: "asyncio.Future[Any]") -> None:
    if not result.cancelled() and (error := result.exception()) is not None:
        log.warning("a write failed: %s", reason_of(error) if isinstance(error, Exception) else error)


def _forget_broken_connection() -> None:
    connection = connections["default"]
    with contextlib.suppress(DatabaseError, InterfaceError):
        if connection.connection is not None and not connection.is_usable():
            connection.close()
