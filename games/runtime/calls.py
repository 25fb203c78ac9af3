"""The way into a runtime for code without an event loop."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from asgiref.sync import async_to_sync

from games.runtime.runtime import Runtime

T = TypeVar("T")


def call(ask: Callable[[Runtime], Awaitable[T]]) -> T:
    """The one way in for code without an event loop: views, admin actions, management commands.

    Within a server the runtime is the server's own, so its connections hear of a change at once. Within `alone` it is
    opened for this call and closed after it; servers then hear through the store.

    Args:
        ask: gets the runtime, returns what to await: ``call(lambda here: here.registry.view("A9F3QX"))``.

    Raises:
        GameError: what the registry raises.
        RuntimeError: neither within a server nor within `alone`.
    """
    return async_to_sync(_call_alone if _is_alone.is_set() else _call_here)(ask)


_is_alone = threading.Event()
"""Set while no server runs in this process, and calls have runtimes of their own."""


@contextmanager
def alone() -> Iterator[None]:
    """Say that this process is no server, for the length of a ``with``: each `call` opens and closes a runtime."""
    was_alone = _is_alone.is_set()
    _is_alone.set()
    try:
        yield
    finally:
        if not was_alone:
            _is_alone.clear()


async def _call_here(ask: Callable[[Runtime], Awaitable[T]]) -> T:
    return await ask(Runtime.here())


async def _call_alone(ask: Callable[[Runtime], Awaitable[T]]) -> T:
    async with Runtime.opened() as runtime:
        return await ask(runtime)
