"""Event loops with a runtime each, in threads: two processes on one database."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import Participant
from games.models import Game, Player
from games.protocol import GameError
from games.registry.registry import Registry
from games.runtime import Runtime

WITHIN = 60.0
"""Seconds that a test waits for what a house was asked."""


class House:
    """An event loop in a thread, with a runtime; hears nothing of others but through the store."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def ask(self, question: Callable[[Registry], Awaitable[Any]]) -> "concurrent.futures.Future[Any]":
        """Begin to do something with the registry."""

        async def asked() -> Any:
            return await question(Runtime.open().registry)

        return asyncio.run_coroutine_threadsafe(asked(), self.loop)

    def begin(self, game: Game, player_id: int | None, command: Command) -> "concurrent.futures.Future[str]":
        """Begin to run a command: in the end ``"done"`` or the code of the refusal."""

        async def run(registry: Registry) -> str:
            try:
                await registry.run(game.pk, player_id, command)
            except GameError as error:
                return error.code.value
            return "done"

        return self.ask(run)

    def listen(self, game: Game) -> None:
        """Keep a game live here, as a connection would."""

        async def subscribe(registry: Registry) -> None:
            registry.live_games.listening(registry.live_games.subscribe(game.pk))
            await registry.view(game.pk)

        self.ask(subscribe).result(WITHIN)

    def view(self, game: Game) -> LiveGame:
        """The game as the store has it now."""

        async def freshly(registry: Registry) -> LiveGame:
            entry = registry.live_games.find(game.pk)
            if entry is not None:
                registry.live_games.doubt(entry)
            return await registry.view(game.pk)

        return self.ask(freshly).result(WITHIN)

    def close(self) -> None:
        """End the runtime, the loop and the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(WITHIN)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    @staticmethod
    async def _close() -> None:
        await Runtime.open().close()


def participant(someone: Player) -> Participant:
    """Somebody as the registry knows them."""
    return Participant(someone.pk, someone.name)
