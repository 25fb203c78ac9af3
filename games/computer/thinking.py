"""What one event loop has of the computer: its workers, and what they do for it."""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from games.computer.reviews import queue
from games.computer.reviews.queueing import Queueing
from games.computer.reviews.reviewer import Reviewer
from games.computer.solver.engine import DeadlineExceeded, EngineUnavailable, Scores
from games.computer.workers.pool import NoAnswer, Pool, PoolBusy
from games.computer.workers.questions import ScoreColumns
from games.layers.broadcast import Broadcast
from games.protocol import ErrorCode, GameError
from games.storage.reader import Reader
from games.storage.writes import Writes

POSITION_SECONDS: Final = 5.0
"""How long a position may take a worker that somebody waits for."""
POSITION_WITHIN: Final = 8.0
"""Seconds after which they hear that there is no answer, whatever the workers do meanwhile."""
NOTE_EVERY: Final = 60.0
"""Seconds from one note that all finished games are queued to the next, about."""


class Thinking:
    """The computer's part of an event loop. Starts no worker before it serves.

    Args:
        reader, writes, broadcast: the loop's.
        now: the store's time.
    """

    def __init__(self, reader: Reader, writes: Writes, broadcast: Broadcast, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writes = writes
        self._now = now
        self._pool: Pool | None = None
        self._noting: asyncio.Task[None] | None = None
        self.reviewer = Reviewer(reader, writes, broadcast, now, secrets.token_hex(16))
        self.queueing = Queueing(writes, now, self.reviewer.wake)

    def serve(self) -> None:
        """Be a server's, or of a process that only thinks: do what is queued. Nothing happens the second time."""
        if self._pool is None:
            self._pool = Pool.of_settings()
            self.reviewer.start(self._pool)
            self._noting = asyncio.create_task(self._note_for_ever())

    async def close(self) -> None:
        """End all workers; what they were at, others do."""
        if self._noting is not None:
            self._noting.cancel()
            await asyncio.gather(self._noting, return_exceptions=True)
        await self.reviewer.close()
        if self._pool is not None:
            await self._pool.close()

    async def request_review(self, game_id: str) -> None:
        """Queue a review that somebody waits for.

        Args:
            game_id: of a finished game.

        Raises:
            GameError: ``computer_unavailable``: it can't be done here; it is queued all the same. ``try_again``: too
                many wait, or the store doesn't answer.
        """
        await self._writes.do(queue.request, game_id, self._now())
        self.reviewer.wake()
        if self.reviewer.lacks:
            raise GameError(ErrorCode.COMPUTER_UNAVAILABLE)

    async def review_again(self, game_id: str) -> None:
        """Do a review anew, the stored bytes of which make none."""
        await self._writes.do(queue.forget, game_id, self._now())

    async def scores(self, columns: Sequence[int]) -> Scores:
        """The scores of all columns of a position.

        Args:
            columns: legal moves that lead to it; the game is not over after them.

        Raises:
            GameError: ``computer_unavailable``.
        """
        if self._pool is None:
            raise GameError(ErrorCode.COMPUTER_UNAVAILABLE)
        try:
            async with asyncio.timeout(POSITION_WITHIN):
                answer = await self._pool.ask(ScoreColumns([*columns], POSITION_SECONDS))
        except (PoolBusy, EngineUnavailable, DeadlineExceeded, NoAnswer, TimeoutError):
            raise GameError(ErrorCode.COMPUTER_UNAVAILABLE) from None
        assert answer.scores is not None, "an answer without a failure"
        return answer.scores[0]

    async def _note_for_ever(self) -> None:
        while True:
            await asyncio.sleep(NOTE_EVERY * random.uniform(0.8, 1.2))  # noqa: S311  keeps processes out of step
            with suppress(GameError):
                await self.note_looked()

    async def note_looked(self) -> None:
        """Note that no finished game is left unqueued, if so: later looks need not go back so far.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        now = self._now()
        if not await self._reader.ask(self.queueing.pending, now, 1):
            await self._writes.do(queue.note_looked, now)
