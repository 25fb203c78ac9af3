"""The computer's part in games: it moves and answers through the registry, like anyone.

What starts it is a hint, after each change of one of its games. What was lost on the way, because a process died, is
found by a look at the store: at the start, after a neighbour was lost, and every half minute; and when such a game is
loaded. Several processes may think about the same move: the ply's number lets one of them play it, and the same
version of a game has the same seed, so that they choose the same.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from games.computer.opponents.answers import Owed, computer_in, owed
from games.computer.opponents.looking import owing
from games.computer.opponents.thinker import Thinker
from games.computer.solver.engine import DeadlineExceeded
from games.computer.workers.pool import NoAnswer, PoolBusy
from games.game.changes import Change
from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import Participant
from games.protocol import ErrorCode, GameError, OfferRematch, PlayMove
from games.protocol.commands import DeclineDraw, DeclineTakeback, OfferDraw, OfferTakeback
from games.registry.after import Work
from games.registry.registry import Registry
from games.storage.reader import Reader

log = logging.getLogger("fourline.computer")

THOUGHT: Final = (0.4, 1.5)
"""Seconds from a person's move to the computer's: as long as somebody seems to think."""
SHARE_OF_TIME: Final = 0.04
"""The most of its remaining time that it takes for a move, so that it doesn't lose by the clock."""
LOOK_EVERY: Final = 30.0
"""Seconds from one look at the store to the next, about."""
STALE: Final = timedelta(seconds=5)
"""Such a look leaves alone what happened more lately: whoever stored that is at it."""
AFTER_LOADING: Final = 1.0
"""Seconds for which a process that loads a game leaves it to the one that stored the last move."""
REST: Final = 1.0
"""Seconds until what failed is tried again."""
ATTEMPTS: Final = 20
"""How often in a row something is tried in one game; then it is left to the next look."""
LAST_TAKEBACK_LEVEL: Final = 7
"""The strongest level that lets moves be taken back."""


class Opponents:
    """Plays the computer's side of games, for one event loop.

    Args:
        registry: runs its commands.
        reader: finds games in which it owes something.
        now: the store's time.
    """

    FOLLOWS_MOVES = True

    def __init__(self, registry: Registry, reader: Reader, now: Callable[[], datetime]) -> None:
        self._loop = asyncio.get_running_loop()
        self._registry = registry
        self._reader = reader
        self._now = now
        self._thinker: Thinker | None = None
        self._acting: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._looks: asyncio.Event = asyncio.Event()
        self._looker: asyncio.Task[None] | None = None

    def start(self, thinker: Thinker) -> None:
        """Play from now on; what others have left undone too.

        Args:
            thinker: chooses.
        """
        self._thinker = thinker
        self._looker = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        """Play no more: other processes do, or this one when it is back."""
        self._thinker = None
        tasks = [*self._acting.values(), *([self._looker] if self._looker is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what starts it -----------------------------------------------------------------------------------------

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """See to a game that has just changed; see `games.registry.after`."""
        computer = computer_in(game)
        if computer is not None and owed(game, computer[0]) is not None:
            self._see_to(game.id, THOUGHT)
        return ()

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """Nothing: it takes longer than a write, and has looks of its own."""
        return ()

    def do(self, work: Work) -> None:
        """Nothing, see `pending`."""

    def loaded(self, game: LiveGame) -> None:
        """A game is live here that was not: the process that should have answered may have died."""
        computer = computer_in(game)
        if computer is not None and owed(game, computer[0]) is not None and game.id not in self._acting:
            self._loop.call_later(AFTER_LOADING, self._see_to, game.id)

    def look(self) -> None:
        """Look at the store now: another process was lost."""
        self._looks.set()

    def _see_to(self, game_id: str, thought: tuple[float, float] = (0.0, 0.0)) -> None:
        if self._thinker is None:
            return
        if game_id in self._acting:
            self._again.add(game_id)
            return
        self._acting[game_id] = self._loop.create_task(self._act(self._thinker, game_id, thought))

    async def _look_for_ever(self) -> None:
        before = self._now()
        while True:
            self._looks.clear()
            with suppress(GameError):  # the store is away, and the log says so already
                for game_id in await self._reader.ask(owing, self._now(), before):
                    self._see_to(game_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY * random.uniform(0.8, 1.2)):  # noqa: S311
                    await self._looks.wait()
            before = self._now() - STALE

    # --- what it does -------------------------------------------------------------------------------------------

    async def _act(self, thinker: Thinker, game_id: str, thought: tuple[float, float]) -> None:
        """Do all that the computer owes in a game."""
        failures = 0
        try:
            while failures < ATTEMPTS:
                self._again.discard(game_id)
                is_done = await self._act_once(thinker, game_id, thought)
                if is_done is None and game_id not in self._again:
                    return
                failures = failures + 1 if is_done is False else 0
        except Exception:
            log.exception("game %s: the computer failed", game_id)
        finally:
            del self._acting[game_id]
            self._again.discard(game_id)

    async def _act_once(self, thinker: Thinker, game_id: str, thought: tuple[float, float]) -> bool | None:
        """Do one thing: whether it was done; None where there is nothing to do."""
        try:
            game = await self._registry.view(game_id)
            computer = computer_in(game)
            what = None if computer is None else owed(game, computer[0])
            if computer is None or what is None:
                return None
            seat, participant = computer
            version = game.version
            command = await self._command(thinker, game, seat, participant, what, thought)
            if (await self._registry.view(game_id)).version == version:
                await self._registry.run(game_id, participant.player_id, command)
            return True
        except (PoolBusy, NoAnswer, DeadlineExceeded) as error:
            log.warning("game %s: the computer thinks again: %s", game_id, error)
            await asyncio.sleep(REST)
        except GameError as refusal:
            # Somebody was quicker, or the store is away. Either way the game as it stands now says what is owed.
            await asyncio.sleep(REST if refusal.code is ErrorCode.TRY_AGAIN else REST / 10)
        return False

    async def _command(
        self, thinker: Thinker, game: LiveGame, seat: int, computer: Participant, what: Owed,
        thought: tuple[float, float],
    ) -> Command:  # fmt: skip
        level = computer.computer or 1
        person = game.participant1 if seat == 2 else game.participant2
        assert person is not None, "games against the computer never wait"
        if what is Owed.REMATCH:
            return OfferRematch()
        if what is Owed.TAKEBACK:
            return OfferTakeback() if level <= LAST_TAKEBACK_LEVEL else DeclineTakeback()
        if what is Owed.DRAW:
            return OfferDraw() if await thinker.is_drawn(game, person.player_id) else DeclineDraw()
        ply, version = len(game.discs) + 1, game.version
        began = self._loop.time()
        pause = min(random.uniform(*thought), _most_thought(game, seat))  # noqa: S311
        column = await thinker.column(game, level, person.player_id)
        await asyncio.sleep(max(0.0, pause - (self._loop.time() - began)))
        return PlayMove(column=column, ply=ply, version=version)


def _most_thought(game: LiveGame, seat: int) -> float:
    """How long the computer may seem to think, in seconds."""
    if game.clock is None or not game.clock.runs_for(seat):
        return THOUGHT[1]
    return game.clock.remaining_ms[seat - 1] / 1000 * SHARE_OF_TIME
