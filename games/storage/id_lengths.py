"""How long the IDs of new games are: longer as games grow many, so that guesses don't hit and IDs don't run out."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from django.conf import settings

from games.protocol import GameError
from games.rules import ids
from games.storage import sizes
from games.storage.reader import Ask

INTERVAL = 3600.0
"""Seconds from one look at the number of games to the next."""


class IdLengths:
    """Looks once an hour, while games are made.

    Args:
        ask: reads the store, as `games.storage.reader.Reader.ask` does.
        spawn: runs a coroutine as a task.
    """

    def __init__(
        self,
        ask: Ask,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._ask = ask
        self._spawn = spawn
        self._due_at = float("-inf")

    def look_if_due(self) -> None:
        """A game is being made: see to it that the length fits, in the background."""
        now = asyncio.get_running_loop().time()
        if now >= self._due_at:
            self._due_at = now + INTERVAL
            self._spawn(self._look())

    async def _look(self) -> None:
        try:
            stored = await self._ask(sizes.games_stored)
        except GameError:  # the store is away, and the log says so already
            self._due_at = float("-inf")
        else:
            ids.use_length(ids.length_for(stored, settings.GAME_ID_LENGTH))
