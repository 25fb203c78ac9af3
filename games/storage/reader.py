"""Reading the store from an event loop, in a few threads that keep their connections.

Channels' `database_sync_to_async` sends all consumers through one thread and closes the connection after each call;
this keeps it open, which saves a third of a game's load on SQLite, and bounds how long a caller waits.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, NotSupportedError, OperationalError, connections

from games.logs import reason_of
from games.protocol import ErrorCode, GameError
from games.storage.database import use_own_connection

log = logging.getLogger("fourline.reader")

THREADS = 2
WAIT = 1.5
"""Seconds without any answer of the store after which callers give up: a connection must be told of absent storage
within 2 s."""
WAIT_IN_A_CROWD = 10.0
"""Seconds that a caller waits at most while others are being answered. Who is turned away comes back, and asks for more
than by waiting."""

T = TypeVar("T")
P = ParamSpec("P")


class Ask(Protocol):
    """`Reader.ask`, for whoever needs nothing else of a reader."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Call a function that reads the store, in a thread; raises `GameError` where the store doesn't answer."""


class Reader:
    """Threads that read, for one event loop.

    Args:
        loop: of the callers.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answered_at = float("-inf")
        self._is_closed = False
        self._threads = ThreadPoolExecutor(THREADS, "fourline-reader", use_own_connection)

    async def read(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that reads the store, in a thread.

        Args:
            function: plain code that uses Django's models.
            args, kwargs: its arguments.

        Raises:
            django.db.DatabaseError: the store doesn't answer.
            TimeoutError: it did not within `WAIT` seconds, or `WAIT_IN_A_CROWD`.
        """
        if self._is_closed:
            raise TimeoutError
        work = self._loop.run_in_executor(self._threads, _with_connection, partial(function, *args, **kwargs))
        give_up_at = self._loop.time() + WAIT_IN_A_CROWD
        try:
            while not work.done():
                await asyncio.wait((work,), timeout=WAIT)
                now = self._loop.time()
                if not work.done() and (now - self._answered_at >= WAIT or now >= give_up_at):
                    raise TimeoutError
            result = work.result()
        finally:
            work.cancel()  # where the caller has gone
        self._answered_at = self._loop.time()
        return result

    async def ask(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`read`, for somebody who waits for the answer.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        try:
            return await self.read(function, *args, **kwargs)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("storage unavailable: %s", reason_of(error))
            raise GameError(ErrorCode.TRY_AGAIN) from None

    def has_answered_within(self, seconds: float) -> bool:
        """Whether the store's last answer to anybody is no older."""
        return self._loop.time() - self._answered_at <= seconds

    async def close(self) -> None:
        """Close the threads' connections and end them. Nothing happens the second time."""
        if self._is_closed:
            return
        self._is_closed = True
        # They meet at the barrier, so that no thread closes twice and another one never; a busy one is not waited for.
        meeting = threading.Barrier(THREADS, timeout=WAIT)
        closing = [self._loop.run_in_executor(self._threads, _close, meeting) for _ in range(THREADS)]
        await asyncio.gather(*closing)
        self._threads.shutdown(wait=False)


def _with_connection(function: Callable[[], T]) -> T:
    try:
        return function()
    except NotSupportedError:
        # PostgreSQL runs no statement that it prepared before a migration altered what it reads: it is prepared anew.
        connections["default"].close()
        return function()
    except (OperationalError, InterfaceError):
        connection = connections["default"]
        if connection.connection is None or connection.is_usable():
            raise
        # It broke while it was idle, as after a restart of PostgreSQL: once more, with a new one.
        connection.close()
        return function()


def _close(meeting: threading.Barrier) -> None:
    with contextlib.suppress(threading.BrokenBarrierError):
        meeting.wait()
    connections.close_all()
