"""What other processes changed unheard: the store is asked, now and then, about the games that are listened to here."""

import asyncio
import contextlib
import logging

from games.layers.broadcast import Broadcast
from games.protocol import GameError
from games.registry.live_games import LiveGames
from games.registry.names import Names
from games.storage import loading, paced
from games.storage.prepared import MANY_AT_ONCE
from games.storage.reader import Ask

log = logging.getLogger("fourline.live_games")

CATCH_UP_INTERVAL = 2.0
"""Seconds from one question to the store which of our games another process changed to the next."""
JUST_NOW = 0.5
"""Seconds for which a game that was compared, or moved on here, is left out of it. With the interval this is how long a
change elsewhere may go unheard: 3 s are promised."""
CATCH_UP_WITHIN = 1.0
"""Seconds over which such a question is spread at most, where it is about many games."""
ALONE_INTERVAL = 0.25
"""Seconds from one question to the next while the shared layer is away: others are heard through the store alone."""
ALONE_SHARE = 0.1
"""What part of the time may then go into asking: of thousands of games it is asked less often."""


class CatchingUp:
    """Keeps the live games of one event loop up to date.

    Args:
        live_games: which are listened to, and loaded where the store is ahead of them.
        ask: reads the store, as `games.storage.reader.Reader.ask` does.
        broadcast: knows whether other processes are heard.
    """

    def __init__(self, live_games: LiveGames, ask: Ask, broadcast: Broadcast) -> None:
        self._loop = asyncio.get_running_loop()
        self._live_games = live_games
        self._ask = ask
        self._broadcast = broadcast
        self._names = Names(ask)
        self._asking_took = 0.0
        """Seconds of the last question, without the pauses in it."""

    async def run(self) -> None:
        """Catch up every so often, for ever."""
        asked_at = self._loop.time()
        while True:
            await asyncio.sleep(ALONE_INTERVAL)
            is_alone = self._broadcast.is_cut_off
            interval = min(self._asking_took / ALONE_SHARE, CATCH_UP_INTERVAL) if is_alone else CATCH_UP_INTERVAL
            if not len(self._live_games) or self._loop.time() - asked_at < interval - ALONE_INTERVAL / 2:
                continue
            asked_at = self._loop.time()
            try:
                await self.catch_up(in_any_case=is_alone)
            except Exception:  # nothing may end this for good
                log.exception("catching up with the store failed")

    async def catch_up(self, in_any_case: bool = False) -> None:
        """Ask the store which of the games listened to here were changed elsewhere unheard.

        Args:
            in_any_case: ask also for games that were compared just now.
        """
        self._asking_took = 0.0
        await self._rename()
        before = self._loop.time() - (0 if in_any_case else JUST_NOW)
        asked = {
            entry.game_id: entry.revision
            for entry in self._live_games
            if entry.subscribers
            and entry.game
            and not entry.is_busy
            and entry.confirmed_at <= before
            and entry.moved_on_at <= before
        }
        async for game_ids in paced.slices(asked, CATCH_UP_WITHIN, MANY_AT_ONCE):
            started = self._loop.time()
            await self._catch_up_with(game_ids, asked)
            self._asking_took += self._loop.time() - started

    async def _rename(self) -> None:
        people = await self._names.renamed()
        for entry in self._live_games if people else ():
            entry.revision += entry.game is not None and entry.game.rename(people)

    async def _catch_up_with(self, game_ids: list[str], revisions: dict[str, int]) -> None:
        try:
            numbers = await self._ask(loading.numbers, game_ids)
        except GameError:
            return
        for game_id, number in numbers.items():
            entry = self._live_games.find(game_id)
            if entry is None or entry.game is None or entry.is_busy or entry.revision != revisions[game_id]:
                continue
            if number == entry.game.number:
                entry.confirmed_at = self._loop.time()
            else:
                with contextlib.suppress(GameError):
                    await self._live_games.load(entry)
