"""What one event loop has of the computer: its workers, and what they do for it."""

import asyncio
import logging
import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from games.computer.fairness import refuse_help
from games.computer.opponents.opponents import LAST_TAKEBACK_LEVEL, Opponents
from games.computer.opponents.players import make_all, player_of
from games.computer.opponents.thinker import HELPFUL, Thinker
from games.computer.reviews import queue
from games.computer.reviews.hints import Hints
from games.computer.reviews.queueing import Queueing
from games.computer.reviews.reviewer import Reviewer
from games.computer.solver.engine import DeadlineExceeded, EngineUnavailable, Scores
from games.computer.workers.pool import NoAnswer, Pool, PoolBusy
from games.computer.workers.questions import ScoreColumns
from games.game.live import LiveGame
from games.game.new_game import Terms
from games.game.people import Participant
from games.layers.broadcast import Broadcast
from games.protocol import ErrorCode, GameError
from games.registry.creation import Creation
from games.registry.registry import Registry
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.computer")

POSITION_SECONDS: Final = 5.0
"""How long a position may take a worker that somebody waits for."""
POSITION_WITHIN: Final = 8.0
"""Seconds after which they hear that there is no answer, whatever the workers do meanwhile."""
NOTE_EVERY: Final = 60.0
"""Seconds from one note that all finished games are queued to the next, about."""


class Thinking:
    """The computer's part of an event loop. Starts no worker before it serves.

    Args:
        reader, writes, broadcast, registry, creation: the loop's.
    """

    def __init__(
        self, reader: Reader, writes: Writes, broadcast: Broadcast, registry: Registry, creation: Creation
    ) -> None:
        self._reader = reader
        self._writes = writes
        self._broadcast = broadcast
        self._creation = creation
        self._now = registry.now
        self._pool: Pool | None = None
        self._thinker: Thinker | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.reviewer = Reviewer(reader, writes, broadcast, self._now, secrets.token_hex(16))
        self._hints = Hints(broadcast, self.reviewer.wake)
        self.queueing = Queueing(writes, self._now, self._hints.tell)
        self.opponents = Opponents(registry, reader, self._now)

    def review(self) -> None:
        """Do the reviews that are queued. Nothing happens the second time."""
        if self._pool is None:
            self._pool = Pool.of_settings()
            self.reviewer.start(self._pool)
            self._tasks.append(asyncio.create_task(self._note_for_ever()))
            if self._pool.size and self._broadcast.process is not None:
                self._tasks.append(asyncio.create_task(self._hints.hear_for_ever()))

    def serve(self) -> None:
        """Be a server's: do reviews, and play. Nothing happens the second time."""
        self.review()
        if self._thinker is None and self._pool is not None and self._pool.size:
            self._thinker = Thinker(self._pool, self._reader)
            self.opponents.start(self._thinker)
            self._tasks.append(asyncio.create_task(self._make_players()))

    async def close(self) -> None:
        """End all workers; what they were at, others do."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.opponents.close()
        await self.reviewer.close()
        if self._pool is not None:
            await self._pool.close()

    async def start_game(self, participant: Participant, terms: Terms, level: int) -> LiveGame:
        """Make a game of a person and the computer, which is in progress at once.

        Args:
            participant: the person, who is participant 1.
            terms: how it is to be; the strongest level lets no moves be taken back.
            level: 1 to 8.

        Raises:
            GameError: ``computer_unavailable``; ``not_rated``; ``game_in_progress``, a strong level for somebody who
                plays a person by the clock meanwhile; or what `Creation.create` raises.
        """
        if terms.rated:
            raise GameError(ErrorCode.NOT_RATED, "Games against the computer are not rated.")
        if self._thinker is None:
            raise GameError(ErrorCode.COMPUTER_UNAVAILABLE)
        if level > HELPFUL:
            await self._reader.ask(refuse_help, participant.player_id)
        await self._thinker.refuse_unable(level)
        computer = await self._writes.do(player_of, level)
        takebacks = terms.takebacks and level <= LAST_TAKEBACK_LEVEL
        return await self._creation.create(participant, replace(terms, takebacks=takebacks), computer.participant)

    async def request_review(self, game_id: str) -> None:
        """Queue a review that somebody waits for.

        Args:
            game_id: of a finished game.

        Raises:
            GameError: ``computer_unavailable``: it can't be done here; it is queued all the same. ``try_again``: too
                many wait, or the store doesn't answer.
        """
        if not await self._reader.ask(queue.is_waited_for, game_id):
            await self._writes.do(queue.request, game_id, self._now())
            self._hints.tell()
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

    async def _make_players(self) -> None:
        """See that the computer has its players; a game that is started makes the one that it needs in any case."""
        try:
            await self._writes.do(make_all)
        except GameError:  # the store is away, and the log says so already
            return
        except Exception:
            log.exception("the computer's players could not be made")

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
