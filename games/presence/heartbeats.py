"""Which processes are alive, by the store: a sign of life each second, and a last one at an orderly end.

Neighbours hear of each other over the layer (`games.presence.neighbours`); this is for what must hold also after all of
them are gone: how long a side could have moved before its process was lost, and who flags a game.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from games.models import Game, Process
from games.protocol import GameError
from games.storage.reader import Reader
from games.storage.writes import Writes

INTERVAL = 1.0
"""Seconds from one sign of life to the next."""
SILENT_AFTER = timedelta(seconds=3)
"""A process that was seen last so long ago is not alive."""
KEPT_FOR = timedelta(days=15)
"""Longer than a side has for a move."""


class Beat(NamedTuple):
    """A process as the store knows it."""

    id: str
    seen_at: datetime
    ended: bool

    def is_alive(self, now: datetime) -> bool:
        """Whether it has been seen just now."""
        return not self.ended and now - self.seen_at < SILENT_AFTER


def alive(beats: Iterable[Beat], now: datetime) -> list[str]:
    """The processes that are alive.

    Args:
        beats: of all processes.
        now: the store's time.
    """
    return [beat.id for beat in beats if beat.is_alive(now)]


def lost_at(beats: Iterable[Beat], since: datetime, now: datetime) -> datetime | None:
    """When the first process was lost that was alive at a time; None where all of them still are.

    Args:
        beats: of all processes.
        since: when something was told to somebody by one of them.
        now: the store's time.
    """
    return min((beat.seen_at for beat in beats if beat.seen_at >= since and not beat.is_alive(now)), default=None)


class Heartbeats:
    """The signs of life of one event loop's process, and what it knows of those of others.

    Args:
        reader: reads them.
        writes: writes ours.
        now: the store's time.
    """

    def __init__(self, reader: Reader, writes: Writes, now: Callable[[], datetime]) -> None:
        self.id = secrets.token_hex(16)
        self._reader = reader
        self._writes = writes
        self._now = now
        self._beats: list[Beat] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Give signs of life from now on. Nothing happens the second time."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._live())

    async def close(self) -> None:
        """Give the last one. The store may be away: then we fall silent."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(GameError):
            await self._writes.do(note_alive, self.id, self._now(), True)

    @property
    def is_alive(self) -> bool:
        """Whether this process gives signs of life; commands don't."""
        return self._task is not None

    @property
    def alive(self) -> list[str]:
        """The processes that are alive, this one among them if it gives signs of life."""
        return alive(self._beats, self._now())

    def lost_at(self, since: datetime) -> datetime | None:
        """`lost_at`, by what is known here; our own silence is none.

        Args:
            since: when something was told to somebody.
        """
        return lost_at([beat for beat in self._beats if beat.id != self.id], since, self._now())

    def hold(self, game_id: str) -> None:
        """Write down that this process has a timed game live.

        Args:
            game_id: canonical.
        """
        if self.is_alive:
            self._writes.offer(note_held, game_id, self.id)

    async def beat(self) -> None:
        """Give a sign of life, and read those of others.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        await self._writes.do(note_alive, self.id, self._now())
        self._beats = await self._reader.ask(read_beats)

    async def _live(self) -> None:
        while True:
            with contextlib.suppress(GameError):
                await self.beat()
            await asyncio.sleep(INTERVAL)


def note_alive(process_id: str, now: datetime, ended: bool = False) -> None:
    """Write that a process is alive, or has just ended.

    Args:
        process_id: whose sign of life it is.
        now: the store's time.
        ended: whether it is the last one.
    """
    if not Process.objects.filter(pk=process_id).update(seen_at=now, ended=ended):
        Process.objects.filter(seen_at__lt=now - KEPT_FOR).delete()
        Process.objects.create(pk=process_id, seen_at=now, ended=ended)


def note_held(game_id: str, process_id: str) -> None:
    """Write who has a game live."""
    Game.objects.filter(pk=game_id).exclude(held_by=process_id).update(held_by=process_id)


def read_beats() -> list[Beat]:
    """The signs of life of all processes."""
    return [Beat(*row) for row in Process.objects.values_list("pk", "seen_at", "ended")]
