"""Sees to the clocks of the games that are live here: who holds them, whose time stands still, when they are due."""

from typing import Protocol

from games.game.live import LiveGame
from games.presence.heartbeats import Heartbeats
from games.registry.due import Due
from games.registry.live_entry import LiveEntry
from games.registry.receipts import go_on, interrupt, take_over, without
from games.registry.registry import Registry
from games.rules.time_controls import Countdown


class Attended(Protocol):
    """Who is connected to games, as far as clocks need to know."""

    def only_at(self, process: str) -> list[tuple[str, int]]:
        """The participants who are connected in one other process alone: games and seats."""


class Timekeeper:
    """The clocks of one event loop.

    Args:
        registry: has the live games, and the pace.
        heartbeats: which processes are alive, by the store.
        due: has the timers.
        attended: who is connected where.
    """

    def __init__(self, registry: Registry, heartbeats: Heartbeats, due: Due, attended: Attended) -> None:
        self._registry = registry
        self._heartbeats = heartbeats
        self._due = due
        self._attended = attended

    def loaded(self, game: LiveGame) -> None:
        """A game was loaded, or a timed one changed elsewhere."""
        entry = self._registry.live_games.find(game.id)
        if entry is not None and game.clock is not None and not _counts_down(game):
            without(entry, self._heartbeats.down_ms(game.turn_since), self._registry.receive())
        elif entry is not None and _counts_down(game):
            self._take_over(entry, game)
            go_on(entry, self._registry.receive())
            self._hold(entry)
        self._due.arm(game)

    def silent(self) -> None:
        """A process gives no signs of life any more, by the store: turns that it may have told are taken over."""
        for entry in self._registry.live_games:
            game = entry.game
            if game is not None and _counts_down(game):
                self._take_over(entry, game)
                self._due.arm(game)

    def _take_over(self, entry: LiveEntry, game: LiveGame) -> None:
        lost = self._heartbeats.lost(game.turn_since)
        if lost is not None:
            take_over(entry, lost.at, lost.found)

    def changed(self, game: LiveGame) -> None:
        """A timed game was changed here."""
        entry = self._registry.live_games.find(game.id)
        if entry is not None and _counts_down(game):
            self._hold(entry)
        self._due.arm(game)

    def lost(self, process: str, silent_s: float) -> None:
        """Another process was lost: its players get the time back that they could not play in.

        Args:
            process: which one.
            silent_s: for how many seconds nothing was heard of it.
        """
        for game_id, seat in self._attended.only_at(process):
            entry = self._registry.live_games.find(game_id)
            game = None if entry is None else entry.game
            if entry is not None and game is not None and game.turn == seat and _counts_down(game):
                interrupt(entry, silent_s, self._registry.receive())
                self._due.arm(game)

    def _hold(self, entry: LiveEntry) -> None:
        """Write down once that a timed game in progress is live here: other processes leave its clock to this one, and
        it stays live when everybody has left."""
        if entry.subscribers and not entry.is_held and self._heartbeats.is_alive:
            entry.is_held = True
            self._heartbeats.hold(entry.game_id)


def _counts_down(game: LiveGame) -> bool:
    return game.turn is not None and isinstance(game.time_control, Countdown)
