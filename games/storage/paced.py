"""Long lists of questions to the store, asked a few at a time with a pause in between.

A large answer holds Python's lock, and the one core that a process has, for milliseconds: at 1000 moves/s one look at
all of 1000 people made dozens of moves late.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from games.storage.prepared import AT_ONCE

BREATH = 0.01
"""Seconds between two queries, unless there are too many of them for that."""

T = TypeVar("T")


async def slices(items: Iterable[T], within: float, at_once: int = AT_ONCE) -> AsyncIterator[list[T]]:
    """A list in slices, with a pause after each but the last.

    Args:
        items: as they are now; what changes later is not seen.
        within: seconds that all the pauses may take together.
        at_once: items in a slice.
    """
    rest = list(items)
    pause = min(BREATH, within * at_once / max(1, len(rest)))
    for start in range(0, len(rest), at_once):
        if start:
            await asyncio.sleep(pause)
        yield rest[start : start + at_once]
