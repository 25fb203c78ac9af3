"""Pools of worker processes, for the tests of this folder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import psutil

from games.computer.workers.pool import Pool
from games.computer.workers.questions import ScoreColumns

EASY = ScoreColumns([3, 3, 2, 4, 2], 30)
EASY_SCORES = (-4, -2, 4, 1, -4, -4, -4)
LONG = ScoreColumns([0, 1, 4, 6, 1, 0, 6, 6, 6, 4, 4, 6], 60)
"""Takes a fresh worker half a second of its processor, or more."""
DEEP = [6, 0, 3, 5, 5, 1, 6, 0, 0, 3, 4, 0, 4, 1, 5, 3, 3, 4, 6, 6, 6, 4, 6, 3, 0, 2, 5, 2]
"""A game whose review takes half a second."""
PATIENCE = 180
"""Seconds after which a test fails; a worker that starts on a busy machine may take some."""


@asynccontextmanager
async def a_pool(workers: int = 1, niceness: int = 0, **options: Any) -> AsyncIterator[Pool]:
    """A pool whose workers take turns with other tests' processes: one that gives way might never get its turn."""
    pool = Pool(workers, niceness=niceness, **options)
    try:
        yield pool
    finally:
        await pool.close()


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def within_patience() -> None:
        async with asyncio.timeout(PATIENCE):
            await story()

    asyncio.run(within_patience())


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
