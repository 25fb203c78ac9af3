"""Asks the workers for the computer's moves, and whether a board is a draw."""

import asyncio
import time
from typing import Final

from games.computer.fairness import refuse_help
from games.computer.solver.engine import DeadlineExceeded, EngineUnavailable
from games.computer.workers.pool import NoAnswer, Pool, PoolBusy
from games.computer.workers.questions import ChooseMove, ScoreColumns
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError
from games.storage.reader import Reader

SECONDS: Final = 10.0
"""How long a move may take a worker; on an idle machine none takes one."""
TRIAL_SECONDS: Final = 5.0
"""How long it may take until it is known whether a level can play."""
KNOWN_FOR: Final = 60.0
"""Seconds for which it is believed that a level can, or can't."""
HELPFUL: Final = 4
"""The strongest level that plays somebody who plays a person by the clock meanwhile."""
WITHOUT_BOOK: Final = 6
"""The strongest level that needs neither engine nor book."""


class Thinker:
    """Chooses the computer's moves, for one event loop.

    Args:
        pool: the workers.
        reader: asks who plays by the clock.
    """

    def __init__(self, pool: Pool, reader: Reader) -> None:
        self._pool = pool
        self._reader = reader
        self._able: dict[int, tuple[float, str]] = {}

    async def refuse_unable(self, level: int) -> None:
        """See that a level can play here.

        Args:
            level: 1 to 8.

        Raises:
            GameError: ``computer_unavailable``: it needs the engine or its book, or there are no workers.
        """
        known = self._able.get(level)
        if known is None or time.monotonic() - known[0] > KNOWN_FOR:
            known = self._able[level] = time.monotonic(), await self._lacks(level)
        if known[1]:
            raise GameError(ErrorCode.COMPUTER_UNAVAILABLE, known[1])

    async def _lacks(self, level: int) -> str:
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                await self._pool.ask(ChooseMove([], TRIAL_SECONDS, level, ""))
        except EngineUnavailable:
            return (
                f"Level {level} needs perfect play, which is not to be had here just now. Levels 1 to 6 play without."
            )
        except (PoolBusy, NoAnswer, DeadlineExceeded, TimeoutError):
            return "The computer is not to be had here just now."
        return ""

    async def column(self, game: LiveGame, level: int, person_id: int) -> int:
        """The computer's move.

        Args:
            game: in which it is to move.
            level: as which it plays.
            person_id: its opponent, who gets no strong move while they play a person by the clock.

        Raises:
            PoolBusy, NoAnswer, DeadlineExceeded: not now; asking again may help.
            GameError: ``try_again``, the store doesn't answer.
        """
        columns, seed = game.columns, f"{game.id} {game.version}"
        if level > HELPFUL and await self._plays_by_the_clock(person_id):
            level = HELPFUL
        try:
            answer = await self._pool.ask(ChooseMove(columns, SECONDS, level, seed))
        except EngineUnavailable:  # it was there when the game began: the game goes on without
            answer = await self._pool.ask(ChooseMove(columns, SECONDS, WITHOUT_BOOK, seed))
        assert answer.column is not None, "an answer without a failure"
        return answer.column

    async def is_drawn(self, game: LiveGame, person_id: int) -> bool:
        """Whether a game is a draw, both playing perfectly; nobody hears so who plays a person by the clock.

        Args:
            game: in progress.
            person_id: whose offer it is.
        """
        if await self._plays_by_the_clock(person_id):
            return False
        try:
            answer = await self._pool.ask(ScoreColumns(game.columns, SECONDS))
        except (EngineUnavailable, PoolBusy, NoAnswer, DeadlineExceeded):
            return False
        assert answer.scores is not None, "an answer without a failure"
        return max(score for score in answer.scores[0] if score is not None) == 0

    async def _plays_by_the_clock(self, person_id: int) -> bool:
        try:
            await self._reader.ask(refuse_help, person_id)
        except GameError as refusal:
            if refusal.code is not ErrorCode.GAME_IN_PROGRESS:
                raise
            return True
        return False
