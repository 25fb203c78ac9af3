"""The live games of one process: kept while somebody listens, loaded once however many ask, caught up with the store.

What is held here is a cache of what is stored and can be thrown away at any time. `games.registry.registry` changes
games; this only reads them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from games.game.changes import Drop
from games.game.live import LiveGame
from games.game.restoring import events_since
from games.layers.broadcast import Broadcast
from games.layers.messages import GameEvent
from games.protocol import ErrorCode, GameError, encode, version_of
from games.registry.hearing import takes_in
from games.registry.live_entry import LiveEntry
from games.registry.pace import Pace
from games.registry.receipts import note_turn
from games.storage import loading
from games.storage.reader import Ask
from games.storage.together import Together

log = logging.getLogger("fourline.live_games")

CONFIRMED_FOR = 1.0
"""Seconds for which a live game counts as confirmed after it was compared with the store."""


class LiveGames:
    """A dictionary from game ID to live game.

    Args:
        ask: reads the store, as `games.storage.reader.Reader.ask` does.
        broadcast: tells our own connections what was missed.
        spawn: runs a coroutine as a task that is ended with the registry.
        pace: by which turns begin.
    """

    def __init__(
        self,
        ask: Ask,
        broadcast: Broadcast,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        pace: Pace,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._broadcast = broadcast
        self._spawn = spawn
        self._pace = pace
        self._loads: Together[str, LiveGame | None] = Together(ask, loading.load_some)
        self._entries: dict[str, LiveEntry] = {}
        self.before_load: Callable[[], Awaitable[None]] | None = None
        """Awaited before anything is loaded."""
        self.on_load: Callable[[LiveGame], None] | None = None
        """Called with each game as it was loaded, and with a timed one that others changed by more than a move."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LiveEntry]:
        return iter(tuple(self._entries.values()))

    # --- entries ------------------------------------------------------------------------------------------------

    def use(self, game_id: str) -> LiveEntry:
        """A game's entry, kept until it is left.

        Args:
            game_id: canonical.
        """
        entry = self._entries.get(game_id) or self._add(game_id)
        entry.users += 1
        return entry

    def leave(self, entry: LiveEntry) -> None:
        """The opposite of `use`."""
        entry.users -= 1
        self.forget_if_idle(entry)

    def find(self, game_id: str) -> LiveEntry | None:
        """A game's entry, if the game is live."""
        return self._entries.get(game_id)

    def forget_if_idle(self, entry: LiveEntry) -> None:
        """Drop an entry that nobody uses: a loaded game is only good while its announcements are heard.

        A timed game whose clock this process holds stays, for the turn that was told here: it is compared with the
        store whenever it is looked at.
        """
        if not (entry.users or entry.subscribers or entry.is_busy or entry.loading or entry.is_kept):
            self._entries.pop(entry.game_id, None)

    def _add(self, game_id: str) -> LiveEntry:
        entry = self._entries[game_id] = LiveEntry(game_id)
        return entry

    def subscribe(self, game_id: str) -> LiveEntry:
        """Keep a game live while a connection of this process listens to its group.

        Args:
            game_id: canonical.

        Returns:
            The entry, whose game is None until it is confirmed. `unsubscribe` it when the connection ends.
        """
        entry = self._entries.get(game_id) or self._add(game_id)
        entry.subscribers += 1
        return entry

    def unsubscribe(self, entry: LiveEntry) -> None:
        """A connection no longer listens."""
        entry.subscribers -= 1
        entry.is_heard = entry.is_heard and entry.subscribers > 0
        self.forget_if_idle(entry)

    def listening(self, entry: LiveEntry) -> None:
        """A connection's subscription to the game's group stands; call it before the game is viewed.

        What was loaded before the first of them may lack what was announced before it: it is compared once more.
        """
        if not entry.is_heard:
            entry.is_heard = True
            entry.was_unheard = True
            self.doubt(entry)

    def moved_on(self, entry: LiveEntry) -> None:
        """A change is stored, and applied."""
        entry.revision += 1
        entry.moved_on_at = self._loop.time()

    def doubt(self, entry: LiveEntry) -> None:
        """What is known of a game may be out of date."""
        entry.confirmed_at = float("-inf")
        entry.revision += 1  # also for a load that is under way

    def renew(self, entry: LiveEntry) -> None:
        """The store says something new of a game that is no change of its log: load it, once for all who hear of it."""
        if entry.loading is None:
            self.doubt(entry)
            self._spawn(self.load(entry))

    def hear_of(self, game_id: str, message: GameEvent) -> None:
        """Take in the change that another process announced, if it is the next; where there is a gap, doubt the game.

        Args:
            game_id: canonical; of any game.
            message: the announcement.
        """
        entry = self._entries.get(game_id)
        if entry is not None and not self._takes_in(entry, message):
            self.doubt(entry)

    async def hear(self, entry: LiveEntry, message: GameEvent) -> None:
        """`hear_of`, for a connection's own game; where there is a gap, load the game.

        Args:
            entry: of a game that a connection of this process listens to.
            message: the announcement.
        """
        if entry.game is not None and not self._takes_in(entry, message):
            with contextlib.suppress(GameError):
                await self.load(entry)

    def _takes_in(self, entry: LiveEntry, message: GameEvent) -> bool:
        known = 0 if entry.game is None else entry.game.number
        if not takes_in(entry, message):
            return False
        note_turn(entry, known, self._pace.now())
        game = entry.game
        if game is not None and game.clock is not None and self.on_load is not None and _brings_nearer(game, known):
            self.on_load(game)
        return True

    # --- loading ------------------------------------------------------------------------------------------------

    def is_confirmed(self, entry: LiveEntry) -> bool:
        """Whether a game was compared with the store within the last second."""
        return self._loop.time() - entry.confirmed_at <= CONFIRMED_FOR

    async def confirm(self, entry: LiveEntry) -> LiveGame:
        """The game as the store has it, or had it within the last second.

        Raises:
            GameError: ``game_not_found``, or ``try_again`` when the store doesn't answer.
        """
        if entry.game is None or not self.is_confirmed(entry):
            await self.load(entry)
        if entry.game is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)
        return entry.game

    async def load(self, entry: LiveEntry) -> None:
        """Compare with the store, and load what it has: one at a time for each game, however many ask.

        Raises:
            GameError: ``try_again``, the store doesn't answer, or what it has can't be read: then the live game, if
                there is one, stays as it was.
        """
        if entry.loading is None:
            entry.loading = self._spawn(self._load_once(entry))
        await asyncio.shield(entry.loading)

    async def _load_once(self, entry: LiveEntry) -> None:
        try:
            if self.before_load is not None:
                await self.before_load()
            while True:
                revision = entry.revision
                stored = await self._loads.ask(entry.game_id)
                if entry.revision == revision:
                    break
                # The game moved on while we read: what we read is of no use, and mostly of no need any more.
                if entry.game is not None and self.is_confirmed(entry):
                    return
            entry.confirmed_at = self._loop.time()
            if stored is not None and not entry.in_flight:
                self._adopt(entry, stored)
            entry.is_unreadable = False
        except GameError:
            raise
        except Exception as error:  # rows that somebody has changed by hand: anything may be wrong with them
            if not entry.is_unreadable:
                log.error("game %s can't be read: %r; verify_games tells more", entry.game_id, error)
            entry.is_unreadable = True
            raise GameError(ErrorCode.TRY_AGAIN) from error
        finally:
            entry.loading = None
            self.forget_if_idle(entry)

    def _adopt(self, entry: LiveEntry, stored: LiveGame) -> None:
        known, entry.game = entry.game, stored
        entry.revision += 1
        if self.on_load is not None:
            self.on_load(stored)
        was_unheard, entry.was_unheard = entry.was_unheard, False
        if known is None or not entry.subscribers or was_unheard or known.number >= stored.number:
            return  # nobody here was there to be told of what came meanwhile, and no turn begins with it now
        for event in events_since(stored, known.number):
            self._broadcast.announce_here(stored.id, version_of(event), encode(event))
        note_turn(entry, known.number, self._pace.now())


def _brings_nearer(game: LiveGame, known: int) -> bool:
    """Whether anything may be due sooner than it was when so many changes were known, or claims be open that were not.

    A move after which the game goes on brings nothing nearer: its timer is for both sides (`games.registry.due`).
    """
    last = game.changes[-1]
    goes_on = isinstance(last, Drop) and last.outcome is None and game.own_plies > 2
    return game.number > known and not goes_on
