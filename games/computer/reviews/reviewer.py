"""Doing reviews: claim one, ask a worker for its scores, store them, tell its game's group."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, NamedTuple

from games.computer.review import encode
from games.computer.reviews import queue
from games.computer.solver.engine import DeadlineExceeded, EngineUnavailable
from games.computer.workers.pool import NoAnswer, Pool, PoolBusy
from games.computer.workers.questions import ScoreGame
from games.layers.broadcast import Broadcast
from games.logs import reason_of
from games.protocol import GameError, ReviewReady
from games.protocol import encode as encode_event
from games.storage import loading
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.computer")

SECONDS: Final = 30.0
"""How long one game may take a worker: on an idle machine it takes a tenth of one, at most two."""
LOOK_EVERY: Final = 2.0
"""Seconds from one look for what others have queued to the next, about."""
RENEW_EVERY: Final = queue.CLAIM.total_seconds() / 3
REST: Final = 60.0
"""Seconds for which a process without an engine leaves reviews to others; the engine may be there then."""


class Moves(NamedTuple):
    """What is to be reviewed."""

    columns: list[int]
    opening: int


class Reviewer:
    """Reviews games for one event loop, as many at a time as there are workers.

    Args:
        reader: reads games and looks for work.
        writes: claims and stores.
        broadcast: tells.
        now: the store's time.
        process: by what name this process claims.
    """

    def __init__(
        self, reader: Reader, writes: Writes, broadcast: Broadcast, now: Callable[[], datetime], process: str
    ) -> None:
        self._reader = reader
        self._writes = writes
        self._broadcast = broadcast
        self._now = now
        self._process = process
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.done = 0
        """How many reviews were stored here."""
        self.lacks = ""
        """Why no review could be done here when it was tried last."""

    def start(self, pool: Pool) -> None:
        """Work from now on.

        Args:
            pool: whose workers are asked.
        """
        self._tasks = [asyncio.create_task(self._work(pool)) for _ in range(pool.size)]

    def wake(self) -> None:
        """Something was queued."""
        self._news.set()

    async def close(self) -> None:
        """Work no more. What was claimed is free for others soon."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, pool: Pool) -> None:
        while True:
            self._news.clear()
            try:
                if await self._review_next(pool):
                    continue
                wait = REST if self.lacks else LOOK_EVERY * random.uniform(0.8, 1.2)  # noqa: S311  out of step
            except GameError:  # the store is away, and the log says so already
                wait = LOOK_EVERY
            except Exception:
                log.exception("reviewing failed")
                wait = LOOK_EVERY
            await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        """Until something is queued; a process that lacks the engine waits all the time."""
        try:
            async with asyncio.timeout(seconds):
                await (asyncio.sleep(seconds) if self.lacks else self._news.wait())
        except TimeoutError:
            pass

    async def _review_next(self, pool: Pool) -> bool:
        """Do the next review, if there is one.

        Returns:
            Whether to look for another at once.
        """
        if not await self._reader.ask(queue.is_any, self._now()):
            return False
        game_id = await self._writes.do(queue.claim, self._process, self._now())
        if game_id is None:
            return False
        try:
            scores = await self._scores(pool, game_id)
        except (EngineUnavailable, PoolBusy) as error:
            self._note_lack(str(error))
            await self._writes.do(queue.release, game_id, self._process)
            return False
        except (DeadlineExceeded, NoAnswer, ValueError, LookupError) as error:
            log.warning("game %s could not be reviewed, and is put off: %s", game_id, reason_of(error))
            await self._writes.do(queue.put_off, game_id, self._process, self._now())
            return True
        self.lacks = ""
        await self._store(game_id, scores)
        return True

    async def _scores(self, pool: Pool, game_id: str) -> bytes:
        moves = await self._reader.ask(_moves_of, game_id)
        if len(moves.columns) <= moves.opening:
            return encode(moves.opening, [])
        async with self._keeping(game_id):
            answer = await pool.ask(ScoreGame(moves.columns, SECONDS, opening=moves.opening))
        return encode(moves.opening, answer.scores or [])

    async def _store(self, game_id: str, scores: bytes) -> None:
        if await self._writes.do(queue.finish, game_id, scores, self._now()):
            self.done += 1
            self._broadcast.tell(game_id, encode_event(ReviewReady()))

    @asynccontextmanager
    async def _keeping(self, game_id: str) -> AsyncIterator[None]:
        """Renew the claim as long as a worker is at it."""
        task = asyncio.create_task(self._renew(game_id))
        try:
            yield
        finally:
            task.cancel()

    async def _renew(self, game_id: str) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            try:
                await self._writes.do(queue.renew, game_id, self._process, self._now())
            except GameError:
                continue

    def _note_lack(self, reason: str) -> None:
        if reason != self.lacks:
            log.warning("games can't be reviewed here: %s", reason)
        self.lacks = reason


def _moves_of(game_id: str) -> Moves:
    """The moves of a stored game.

    Raises:
        LookupError: there is none.
        ValueError: its rows make none.
    """
    game = loading.load(game_id)
    if game is None:
        raise LookupError(game_id)
    return Moves(game.columns, len(game.opening_moves))
