"""Who has left a game, in the store: so that the other side may claim it in any process, and after all were restarted.

A process writes down whom it has missed for a while, and forgets it when they are back; whoever comes back to a process
that has only just begun finds out there what others had written.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from games.models import Absence
from games.presence.heartbeats import Heartbeats
from games.protocol import GameError, State
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.absences")

INTERVAL = 0.5
"""Seconds between two questions of who was missed where somebody has come."""
LOOK_EVERY, CLEAR_EVERY = 4, 7200
"""After so many of them: a look at who is missed now, and one at games that are over."""
WRITTEN_AFTER = 8.0
"""Seconds that somebody has to be away: most are back sooner, and nothing is written."""
AT_ONCE = 200
"""Games that are asked for together."""

Seats = tuple[str, int]
"""A game's ID, and a seat in it."""


class Attended(Protocol):
    """Who is connected to games, as far as absences need to know."""

    def missed(self, for_s: float) -> Iterable[Seats]:
        """The seats that have been empty for so long, in games that the other side may claim."""

    def is_there(self, game_id: str, seat: int) -> bool:
        """Whether a participant is connected, here or elsewhere."""

    def recall(self, game_id: str, seat: int, away_s: float) -> None:
        """Somebody had been away for so long already when this process began to look."""


class Absences:
    """The absences that one event loop knows of.

    Args:
        reader, writes: the store.
        attended: who is connected.
        heartbeats: when there was no process to come back to.
        now: the store's time.
    """

    def __init__(
        self,
        reader: Reader,
        writes: Writes,
        attended: Attended,
        heartbeats: Heartbeats,
        now: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._writes = writes
        self._attended = attended
        self._heartbeats = heartbeats
        self._now = now
        self._written: set[Seats] = set()
        self._asked: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look every few seconds from now on. Nothing happens the second time."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look_for_ever())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ask_about(self, game_id: str) -> None:
        """A participant has come to a game here: ask the store who is missed there.

        Args:
            game_id: canonical.
        """
        self._asked.add(game_id)

    async def alone_for(self, game_id: str, seat: int) -> float | None:
        """For how many seconds the other side of a game has been away by the store; None where nobody wrote that.

        Args:
            game_id: canonical.
            seat: who asks, 1 or 2.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        rows = await self._reader.ask(read, [game_id])
        return next((self._away_s(since) for _, missed, since in rows if missed == 3 - seat), None)

    async def look(self) -> None:
        """Write who is missed now, and forget who is back.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        missed = {*self._attended.missed(WRITTEN_AFTER)}
        new = missed - self._written
        if new:
            since = self._now() - timedelta(seconds=WRITTEN_AFTER)
            await self._writes.do(write, sorted(new), since)
            self._written |= new
        back = {seats for seats in self._written if self._attended.is_there(*seats)}
        if back:
            await self._writes.do(forget, sorted(back))
        self._written &= missed

    async def take_in(self) -> None:
        """Find out who was missed in the games to which somebody has come; forget them if it is they.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        while self._asked:
            game_ids = [self._asked.pop() for _ in range(min(AT_ONCE, len(self._asked)))]
            try:
                rows = await self._reader.ask(read, game_ids)
            except GameError:
                self._asked.update(game_ids)
                raise
            back = []
            for game_id, seat, since in rows:
                if self._attended.is_there(game_id, seat):
                    back.append((game_id, seat))
                else:
                    self._attended.recall(game_id, seat, self._away_s(since))
            if back:
                await self._writes.do(forget, sorted(back))

    def _away_s(self, since: datetime) -> float:
        """For how many seconds somebody could have come back who left at a time of the store."""
        return (self._now() - since).total_seconds() - self._heartbeats.down_ms(since) / 1000

    async def _look_for_ever(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(INTERVAL)
            try:
                await self.take_in()
                if count % LOOK_EVERY == 0:
                    await self.look()
                if count % CLEAR_EVERY == 0:
                    await self._writes.do(forget_those_of_ended_games)
            except GameError:  # the store is away, and the log says so already
                continue
            except Exception:
                log.exception("looking for who is missed failed")


def write(seats: Iterable[Seats], since: datetime) -> None:
    """Write who is away, where it isn't written yet.

    Args:
        seats: games and seats.
        since: since when at least, by the store's time.
    """
    rows = [Absence(game_id=game_id, seat=seat, since=since) for game_id, seat in seats]
    Absence.objects.bulk_create(rows, ignore_conflicts=True)


def forget(seats: Iterable[Seats]) -> None:
    """They are back."""
    for game_id, seat in seats:
        Absence.objects.filter(game=game_id, seat=seat).delete()


def forget_those_of_ended_games() -> None:
    """Nobody can be missed there any more."""
    Absence.objects.filter(game__state=State.FINISHED).delete()


def read(game_ids: Iterable[str]) -> list[tuple[str, int, datetime]]:
    """Who is away in games: ID, seat, and since when.

    Args:
        game_ids: canonical.
    """
    found: Any = Absence.objects.filter(game__in=[*game_ids]).values_list("game", "seat", "since")
    return list(found)
