"""Ending many games at once: for moderators and the periodic command."""

import asyncio
from typing import Final

from games.game.commands import Abandon, Abort, Adjudicate, Cancel, Flag
from games.game.people import HOUSE
from games.protocol import ErrorCode, GameError
from games.registry.registry import Registry

CHUNK: Final = 25
"""Games that are ended together: the journal stores them in one transaction, and none waits long to be loaded."""

Ending = tuple[str, Abandon | Abort | Adjudicate | Cancel | Flag]
"""A game's ID, and how it ends."""


async def end_all(registry: Registry, endings: list[Ending], attempts: int = 1) -> list[GameError | None]:
    """End games, each by itself.

    Args:
        registry: of the running loop.
        endings: at most one for each game.
        attempts: how often each is tried while the store is too busy to take it.

    Returns:
        For each None where the game was ended, or why it was refused.
    """
    results: list[GameError | None] = []
    for start in range(0, len(endings), CHUNK):
        batch = endings[start : start + CHUNK]
        results += await asyncio.gather(*(_end(registry, ending, attempts) for ending in batch))
    return results


async def _end(registry: Registry, ending: Ending, attempts: int) -> GameError | None:
    game_id, command = ending
    for _ in range(attempts):
        try:
            await registry.run(game_id, HOUSE, command)
        except GameError as refusal:
            why_not = refusal
            if refusal.code is not ErrorCode.TRY_AGAIN:
                break
        else:
            return None
    return why_not
