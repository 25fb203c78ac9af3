"""What follows a change of a game, at least once and done once: also when the process dies right after the change.

A handler is registered in an app's ``ready``. Its hint is speed; what it finds pending in the store is the truth.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from games.game.changes import Change, Drop
from games.game.live import LiveGame
from games.layers.broadcast import Broadcast
from games.protocol import GameError
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.after")

AT_ONCE = 25
"""Pieces of work that one look hands to the writer."""
BREATH = 0.05
"""Seconds between two such looks while there is more."""

Work = str
"""What a handler knows a piece of its work by; a game's ID as a rule."""


class After(Protocol):
    """What follows changes of one sort."""

    FOLLOWS_MOVES: bool
    """Whether anything follows a disc that ends no game, as nearly all changes are: who says no isn't called for it."""

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """A change is stored and applied. Called on the event loop of the process that stored it; must not wait.

        Args:
            game: after the change.
            change: a new game too.

        Returns:
            What is to be done of it now. What is lost on the way is found by `pending`.
        """

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """What the store says is undone, the oldest first. Called in a reader's thread.

        Args:
            now: the time at which it is asked.
            most: how many are wanted.
        """

    def do(self, work: Work) -> None:
        """Do it, unless it is done: claim it by compare-and-set. Called in a transaction of a few milliseconds."""


class ByLooksAlone:
    """For a handler whose work follows no change, or none at once: every look asks it what is `pending`."""

    FOLLOWS_MOVES = False

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """Nothing is to be done now."""
        return ()


_factories: list[Callable[[Broadcast], After]] = []


def register(factory: Callable[[Broadcast], After]) -> None:
    """Have something follow all changes from now on; for ``AppConfig.ready``.

    Args:
        factory: makes the handler of one event loop, which gets that loop's way to tell groups.
    """
    _factories.append(factory)


class FollowUps:
    """The handlers of one event loop.

    Args:
        broadcast: what handlers tell groups with.
        reader: asks the store what is pending.
        writes: does it.
    """

    def __init__(self, broadcast: Broadcast, reader: Reader, writes: Writes) -> None:
        self._reader = reader
        self._writes = writes
        self._handlers: list[After] = []
        self._of_moves: list[After] = []
        for factory in _factories:
            self.add(factory(broadcast))

    def add(self, handler: After) -> None:
        """Have one more handler, of this event loop alone: one that needs more of it than the way to tell groups."""
        self._handlers.append(handler)
        if handler.FOLLOWS_MOVES:
            self._of_moves.append(handler)

    def hint(self, game: LiveGame, change: Change) -> None:
        """A change is stored and applied: tell every handler that it concerns, whatever becomes of the others."""
        is_mere_move = isinstance(change, Drop) and not game.is_finished
        for handler in self._of_moves if is_mere_move else self._handlers:
            try:
                for work in handler.hint(game, change):
                    self._writes.offer(handler.do, work)
            except Exception:
                log.exception("game %s: a follow-up failed; the store is asked for it later", game.id)

    async def sweep(self, now: datetime) -> None:
        """Do what is pending of all handlers.

        Args:
            now: the time of looking.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        for handler in self._handlers:
            try:
                await self._sweep(handler, now)
            except GameError:
                raise
            except Exception:  # a handler's own fault: it must not keep the others from their work
                log.exception("follow-ups of %s failed", type(handler).__name__)

    async def _sweep(self, handler: After, now: datetime) -> None:
        while True:
            found = await self._reader.ask(handler.pending, now, AT_ONCE)
            for work in found:
                await self._writes.do(handler.do, work)
            if len(found) < AT_ONCE:
                return
            await asyncio.sleep(BREATH)
