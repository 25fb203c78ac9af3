"""Each finished game of two people, or of a person and a computer, is queued for its review."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from games.computer.reviews import queue
from games.game.changes import Change
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.registry.after import Work
from games.storage.writes import Writes

GATHERING: Final = 0.1
"""Seconds from one write to the next, for each game that was in the one: games that end meanwhile are queued together,
because a transaction costs as much as some dozen moves. The first is queued at once."""
LONGEST_GATHERING: Final = 0.5
"""Seconds; where so many games end, a review waits for longer than that anyway."""


class Queueing:
    """What follows the end of a game.

    Args:
        writes: queues.
        now: the store's time.
        on_queued: called on the event loop after games were queued.
    """

    FOLLOWS_MOVES = False

    def __init__(self, writes: Writes, now: Callable[[], datetime], on_queued: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._writes = writes
        self._now = now
        self._on_queued = on_queued
        self._ended: set[str] = set()
        self._next_at = 0.0
        """When the next may be queued, by the event loop's clock."""

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """Queue it soon, with others that end now; see `games.registry.after`."""
        is_end = game.is_finished and not isinstance(change, NewGame) and change.IS_VERSIONED
        if is_end and game.participant2 is not None:
            if not self._ended:
                self._loop.call_at(self._next_at, self.flush)
            self._ended.add(game.id)
        return ()

    def flush(self) -> None:
        """Queue what was gathered. What doesn't come through is found by `pending`."""
        ended, self._ended = self._ended, set()
        self._next_at = self._loop.time() + min(max(1, len(ended)) * GATHERING, LONGEST_GATHERING)
        if ended:
            self._writes.offer(self._queue, ended)

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """Games that ended and were not queued."""
        return queue.unqueued(queue.looked_until(now), most)

    def do(self, work: Work) -> None:
        """Queue one game."""
        self._queue([work])

    def _queue(self, game_ids: "set[str] | list[str]") -> None:
        queue.queue(game_ids, self._now())
        transaction.on_commit(lambda: self._loop.call_soon_threadsafe(self._on_queued))
