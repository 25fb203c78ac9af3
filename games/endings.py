"""Ending many games at once: for moderators and the periodic command."""

import asyncio
from typing import Final

from games.live import Abandon, Abort, Adjudicate, Cancel
from games.protocol import GameError
from games.registry import Registry, call

AT_ONCE: Final = 100
"""Games that are ended together: the journal stores them in one transaction."""

Ending = tuple[str, int | None, Abandon | Abort | Adjudicate | Cancel]
"""A game's ID, in which player's name (None: the house's), and how."""


def end_all(endings: list[Ending]) -> list[GameError | None]:
    """End games, each by itself; for code without an event loop.

    Args:
        endings: at most one for each game.

    Returns:
        For each None where the game was ended, or why it was refused.
    """

    async def end(registry: Registry) -> list[GameError | None]:
        results: list[GameError | None] = []
        for start in range(0, len(endings), AT_ONCE):
            batch = endings[start : start + AT_ONCE]
            results += await asyncio.gather(*(_end(registry, *ending) for ending in batch))
        return results

    return call(end) if endings else []


async def _end(
    registry: Registry, game_id: str, player_id: int | None, command: Abandon | Abort | Adjudicate | Cancel
) -> GameError | None:
    try:
        await registry.run(game_id, player_id, command)
    except GameError as refusal:
        return refusal
    return None
