"""Tests that are coroutines, and their way to the database."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from channels.db import database_sync_to_async

in_store = database_sync_to_async
"""Calls code that uses the ORM, in a thread: ``await in_store(Game.objects.count)()``."""


def story(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a test of a coroutine function; fixtures are set up outside its event loop."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that nobody announces.

    Args:
        holds: asked again and again; must be quick.
    """
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.002)
