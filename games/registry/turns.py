"""Turns and deadlines: one command of a game at a time, and nobody waits for ever."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from games.protocol import ErrorCode, GameError
from games.registry.live_entry import LiveEntry
from games.registry.live_games import LiveGames

ANSWER_WITHIN = 2.0
"""Seconds that a caller waits for the store at most; less than the time-out of a client's ping."""


class Deadlines:
    """Answers ``try_again`` to whoever waits for longer than `ANSWER_WITHIN`.

    All wait equally long, so deadlines come in order and one timer serves all; a timer for each command would cost
    more than the command.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, asyncio.Future[Any], Callable[[], None] | None]] = deque()
        self._sweep: asyncio.TimerHandle | None = None

    def watch(self, waiting: asyncio.Future[Any], before: Callable[[], None] | None = None) -> None:
        """Bound a wait that begins now.

        Args:
            waiting: gets the refusal.
            before: called before the refusal.
        """
        # Who was answered is let go at once, mostly in the order of coming: kept for 2 s, at 1000 moves/s, they were
        # 20 000 objects, whose end took 3 ms at a time, and the garbage collector as much again.
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        deadline = self._loop.time() + ANSWER_WITHIN
        self._waiting.append((deadline, waiting, before))
        if self._sweep is None:
            self._sweep = self._loop.call_at(deadline, self._sweep_all)

    def refuse_all(self) -> None:
        """Nothing more will be stored: nobody may wait for it."""
        if self._sweep is not None:
            self._sweep.cancel()
        for _, waiting, before in self._waiting:
            _refuse(waiting, before)

    def _sweep_all(self) -> None:
        now = self._loop.time()
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= now):
            _, waiting, before = self._waiting.popleft()
            _refuse(waiting, before)
        self._sweep = self._loop.call_at(self._waiting[0][0], self._sweep_all) if self._waiting else None


def _refuse(waiting: asyncio.Future[Any], before: Callable[[], None] | None) -> None:
    if not waiting.done():
        if before is not None:
            before()
        waiting.set_exception(GameError(ErrorCode.TRY_AGAIN))


class Turns:
    """The turns of all games.

    Args:
        live_games: forgets a game that nobody uses when its last turn ends.
        deadlines: bounds the wait for a turn.
    """

    def __init__(self, live_games: LiveGames, deadlines: Deadlines) -> None:
        self._live_games = live_games
        self._deadlines = deadlines

    async def wait(self, entry: LiveEntry) -> None:
        """Wait for a turn, in the order of coming; `end` it.

        Raises:
            GameError: ``try_again``, it did not come in time.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry.turns.append(turn)
        self._deadlines.watch(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.end(entry)  # cancelled just after the turn was given: pass it on
            raise

    def end(self, entry: LiveEntry) -> None:
        """Give the turn to the next who waits."""
        while entry.turns:
            turn = entry.turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        entry.is_busy = False
        self._live_games.forget_if_idle(entry)
