"""Ending many games at once: for moderators and the periodic command."""

import asyncio
from typing import Final

from games.game.changes import Abandon, Abort, Adjudicate, Cancel
from games.protocol import ErrorCode, GameError
from games.registry.registry import Registry, call

AT_ONCE: Final = 25
"""Games that are ended together: the journal stores them in one transaction, and none waits long to be loaded."""

Ending = tuple[str, int | None, Abandon | Abort | Adjudicate | Cancel]
"""A game's ID, in which player's name (None: the house's), and how."""


def end_all(endings: list[Ending], attempts: int = 1) -> list[GameError | None]:
    """End games, each by itself; for code without an event loop.

    Args:
        endings: at most one for each game.
        attempts: how often each is tried while the store is too busy to take it.

    Returns:
        For each None where the game was ended, or why it was refused.
    """

    async def end(registry: Registry) -> list[GameError | None]:
        results: list[GameError | None] = []
        for start in range(0, len(endings), AT_ONCE):
            batch = endings[start : start + AT_ONCE]
            results += await asyncio.gather(*(_end(registry, ending, attempts) for ending in batch))
        return results

    return call(end) if endings else []


async def _end(registry: Registry, ending: Ending, attempts: int) -> GameError | None:
    for _ in range(attempts):
        try:
            await registry.run(*ending)
        except GameError as refusal:
            why_not = refusal
            if refusal.code is not ErrorCode.TRY_AGAIN:
                break
        else:
            return None
    return why_not
