"""Which processes are alive, by the store: a sign of life each second, and a last one at an orderly end.

Neighbours hear of each other over the layer (`games.presence.neighbours`); this is for what must hold also after all of
them are gone: how long a side could have moved before its process was lost, and who flags a game.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from games.models import Game, Process
from games.protocol import ErrorCode, GameError
from games.storage.reader import Reader
from games.storage.writes import Writes

INTERVAL = 1.0
"""Seconds from one sign of life to the next."""
SLACK, NOUGHT = timedelta(seconds=1.5), timedelta()
"""A sign of life comes so late after the one before it at most, as a rule."""
SILENT_AFTER = timedelta(seconds=3)
"""A process that was seen last so long ago is not alive."""
STOOD_STILL = timedelta(seconds=60)
"""A process that was silent for longer begins a new life, for the sake of `down_ms`."""
RETURN_WITHIN = timedelta(seconds=5)
"""What people have to come back, once there is a process again."""
HELD_AT_ONCE = 200
"""Games of which it is written together that this process has them live."""
KNOWN_WITHIN = 2.0
"""Seconds that a load of a game waits for the first reading."""
KEPT_FOR = timedelta(days=15)
"""Longer than a side has for a move."""


class Beat(NamedTuple):
    """A process as the store knows it."""

    id: str
    seen_at: datetime
    ended: bool
    started_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it has been seen just now."""
        return not self.ended and now - self.seen_at < SILENT_AFTER


class Lost(NamedTuple):
    """A process that is gone.

    Attributes:
        at: its last sign of life.
        found: by `games.registry.pace`, when this process knew so. From then on people can come back.
    """

    at: datetime
    found: float


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
    lost = (beat for beat in beats if not beat.is_alive(now))
    # Who fell silent may have lived up to the next sign of life, and have told it then.
    return min(
        (beat.seen_at for beat in lost if beat.seen_at >= since - (NOUGHT if beat.ended else SLACK)), default=None
    )


def down_ms(beats: Iterable[Beat], since: datetime, now: datetime) -> int:
    """For how many milliseconds no process was there, and for a few seconds after each such time, to come back.

    Args:
        beats: of all processes that were alive since then.
        since: when something was told to somebody.
        now: the store's time.
    """
    down, up_to = timedelta(), since
    lives = [(beat.started_at or since, now if beat.is_alive(now) else beat.seen_at) for beat in beats]
    for began, ended in [*sorted(lives), (now, now)]:
        if began > up_to:
            down += min(began - up_to + RETURN_WITHIN, now - up_to)
        up_to = max(up_to, min(ended, now))
    return down // timedelta(milliseconds=1)


class Heartbeats:
    """The signs of life of one event loop's process, and what it knows of those of others.

    Args:
        reader: reads them.
        writes: writes ours.
        now: the store's time.
        pace: seconds as they pass for people.
    """

    def __init__(self, reader: Reader, writes: Writes, now: Callable[[], datetime], pace: Callable[[], float]) -> None:
        self.id = secrets.token_hex(16)
        self._reader = reader
        self._writes = writes
        self._now = now
        self._pace = pace
        self._found: dict[str, float] = {}
        """Of processes that are not alive, by their IDs, when that was found."""
        self._beats: list[Beat] = []
        self._known_alive: set[str] = set()
        self._held: list[str] = []
        """Games that are live here, which is yet to be written."""
        self._is_known = asyncio.Event()
        self.on_silence: Callable[[], None] = lambda: None
        """Called when a process that was alive at the last reading is not any more."""
        self._read_at = self._settling_since = float("-inf")
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
    def is_settled(self) -> bool:
        """Whether the signs of life have come without a break for long enough that who is silent is gone.

        They have not just after a start, after this process stood still, and after the store was away.
        """
        now = asyncio.get_running_loop().time()
        silent = SILENT_AFTER.total_seconds()
        return self._task is None or (now - self._read_at < silent and now - self._settling_since >= silent)

    async def known(self) -> None:
        """Wait until it is known who was alive: without that a loaded game's time would run on while nobody served it.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        if self._task is None or self._is_known.is_set():
            return
        try:
            async with asyncio.timeout(KNOWN_WITHIN):
                await self._is_known.wait()
        except TimeoutError:
            raise GameError(ErrorCode.TRY_AGAIN) from None

    def down_ms(self, since: datetime) -> int:
        """`down_ms`, by what is known here; nothing where this is no server.

        Args:
            since: when something was told to somebody.
        """
        return down_ms(self._beats, since, self._now()) if self._beats else 0

    @property
    def alive(self) -> list[str]:
        """The processes that are alive, this one among them if it gives signs of life."""
        return alive(self._beats, self._now())

    def lost(self, since: datetime) -> Lost | None:
        """The first process that was lost since a time, by what is known here; our own silence is none.

        Args:
            since: when something was told to somebody.
        """
        others = [beat for beat in self._beats if beat.id != self.id]
        at = lost_at(others, since, self._now())
        if at is None:
            return None
        found = [self._found[beat.id] for beat in others if beat.seen_at == at and beat.id in self._found]
        return Lost(at, max(found, default=self._pace()))

    def hold(self, game_id: str) -> None:
        """Write down, with the next sign of life, that this process has a timed game live.

        Args:
            game_id: canonical.
        """
        if self.is_alive:
            self._held.append(game_id)

    async def beat(self) -> None:
        """Give a sign of life, and read those of others.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        await self._writes.do(note_alive, self.id, self._now())
        await self._read()
        await self._write_held()

    async def _write_held(self) -> None:
        held = [*self._held]
        for start in range(0, len(held), HELD_AT_ONCE):
            game_ids = held[start : start + HELD_AT_ONCE]
            locked = await self._writes.do(note_held, game_ids, self.id)
            self._held = [*self._held[len(game_ids) :], *locked]

    async def _read(self) -> None:
        before, was_read = {*self._known_alive}, self._is_known.is_set()
        self._beats = await self._reader.ask(read_beats)
        self._known_alive = {*self.alive}
        found = self._pace()
        gone = {beat.id for beat in self._beats} - self._known_alive
        self._found = {process: self._found.get(process, found) for process in gone}
        now = asyncio.get_running_loop().time()
        if now - self._read_at >= SILENT_AFTER.total_seconds():
            self._settling_since = now
        self._read_at = now
        self._is_known.set()
        if was_read and before - self._known_alive:
            self.on_silence()

    async def _live(self) -> None:
        with contextlib.suppress(GameError):
            await self._read()
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
    recently = Process.objects.filter(pk=process_id, seen_at__gte=now - STOOD_STILL)
    if recently.update(seen_at=now, ended=ended):
        return
    stopped = Process.objects.filter(pk=process_id).first()
    if stopped is not None:  # this machine slept: what was before is another life
        stopped.pk, stopped.ended = secrets.token_hex(16), True
        stopped.save(force_insert=True)
        Process.objects.filter(pk=process_id).update(started_at=now, seen_at=now, ended=ended)
        return
    Process.objects.filter(seen_at__lt=now - KEPT_FOR).delete()
    Process.objects.create(pk=process_id, started_at=now, seen_at=now, ended=ended)


def note_held(game_ids: Sequence[str], process_id: str) -> list[str]:
    """Write who has games live; those that somebody else has locked are left out, and returned."""
    others = Game.objects.filter(pk__in=game_ids).exclude(held_by=process_id).values_list("pk", flat=True)
    wanted, free = {*others}, {*others.select_for_update(no_key=True, skip_locked=True)}
    Game.objects.filter(pk__in=free).update(held_by=process_id)
    return sorted(wanted - free)


def read_beats() -> list[Beat]:
    """The signs of life of all processes."""
    return [Beat(*row) for row in Process.objects.values_list("pk", "seen_at", "ended", "started_at")]
