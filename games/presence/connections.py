"""The open connections of a process: closed when their person signs out, told when the server restarts.

One periodic task serves them all, so that no connection needs a timer of its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from games.access import identity
from games.access.identity import Identity
from games.access.leases import Leases
from games.layers.broadcast import Broadcast
from games.logs import reason_of
from games.presence import last_seen
from games.presence.attendance import Attendance
from games.protocol import GameError
from games.storage import paced
from games.storage.prepared import MANY_AT_ONCE
from games.storage.reader import Reader
from games.storage.writes import Writes

log = logging.getLogger("fourline.connections")

CHECK_INTERVAL = 3.0
"""Seconds between looks at who has signed out: their connections end within 5 s."""
PATIENCE = 1.0
"""Seconds that clients get to take our last words; who doesn't read is not waited for."""
LOOK_WITHIN = 1.0
"""Seconds over which a look at many people is spread at most."""


class Connection(Protocol):
    """What an open connection offers."""

    identity: Identity

    async def end_session(self) -> None:
        """Say ``unauthenticated`` and close."""

    async def restart(self) -> None:
        """Say ``server_restarting`` and close."""


class Connections:
    """All open connections of one event loop.

    Args:
        reader: asks the store.
        writes: notes in it who is about.
        broadcast: tells the lobbies whose creators come and go.
        attendance: knows which games have both participants present.
        leases: the places that connections hold.
    """

    def __init__(
        self, reader: Reader, writes: Writes, broadcast: Broadcast, attendance: Attendance, leases: Leases
    ) -> None:
        self._reader = reader
        self._writes = writes
        self._broadcast = broadcast
        self._attendance = attendance
        self._leases = leases
        self._open: set[Connection] = set()
        self._people: dict[int, int] = {}
        self._came_or_went: set[int] = set()
        self._upkeep: asyncio.Task[None] | None = None
        self.may_be_quiet: Callable[[str], bool] = lambda game_id: True
        """Says of a game whether it may be that nobody has moved for `last_seen.QUIET_AFTER`."""
        self.is_draining = False
        """Whether the server is about to end."""
        self.stands_aside = False
        """Whether it has no store while its neighbours have one; see `games.presence.neighbours`."""

    @property
    def takes_newcomers(self) -> bool:
        """Whether somebody may connect here."""
        return not (self.is_draining or self.stands_aside)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def online(self) -> int:
        """How many people are connected; each connection of somebody who is not signed in counts as one."""
        return len(self._people) + len(self._open) - sum(self._people.values())

    def add(self, connection: Connection) -> None:
        """A connection is open."""
        self._open.add(connection)
        self._count(connection.identity.player_id, 1)
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = asyncio.get_running_loop().create_task(self._keep_up())

    def remove(self, connection: Connection) -> None:
        """A connection is gone."""
        if connection in self._open:
            self._open.remove(connection)
            self._count(connection.identity.player_id, -1)

    async def drain(self) -> None:
        """Tell every connection that the server restarts, and close it."""
        self.is_draining = True
        await self.send_away()

    async def send_away(self) -> None:
        """Tell every connection to come back, to whoever takes newcomers then, and close it."""
        await self._leases.abandon()
        await _all_told(connection.restart() for connection in self._open)

    async def close(self) -> None:
        """End the upkeep."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)

    def _count(self, player_id: int | None, difference: int) -> None:
        if player_id is None:
            return
        count = self._people.get(player_id, 0) + difference
        if count:
            self._people[player_id] = count
        else:
            del self._people[player_id]
        if count <= 1:
            self._came_or_went.add(player_id)

    async def _keep_up(self) -> None:
        """Every second note who came and went; now and then who is still there, and who signed out."""
        second = 0
        while True:
            await asyncio.sleep(1)
            second += 1
            try:
                await self._note_seen(is_complete=second % last_seen.SEEN_INTERVAL == 0)
                if second % CHECK_INTERVAL == 0:
                    await self._end_sessions()
            except (DatabaseError, InterfaceError, TimeoutError) as error:
                log.warning("storage unavailable: %s", reason_of(error))
            except GameError:  # it could not be written, and the log says so already
                continue
            except Exception:
                log.exception("upkeep of the connections failed")

    async def _note_seen(self, is_complete: bool) -> None:
        people, self._came_or_went = self._came_or_went, set()
        if is_complete:
            people |= self._people.keys()
            async for attended in paced.slices(filter(self.may_be_quiet, self._attendance.attended()), LOOK_WITHIN):
                quiet = await self._reader.read(last_seen.quiet_games, attended, timezone.now())
                if quiet:
                    await self._writes.do(last_seen.note_attended, quiet, timezone.now())
        async for some in paced.slices(people, LOOK_WITHIN):
            gone = set(some) - self._people.keys()
            waiting = await self._reader.read(last_seen.waiting_games, some)
            # Waiting games are listed by who is about; and of who has gone game pages say since when.
            noted = {*waiting.values(), *gone}
            if noted:
                await self._writes.do(last_seen.note_seen, noted, timezone.now())
            for game_id in waiting:
                self._broadcast.lobby_changed(game_id)

    async def _end_sessions(self) -> None:
        people = {c.identity for c in self._open if c.identity.player_id is not None}
        async for asked in paced.slices(people, LOOK_WITHIN, MANY_AT_ONCE):
            ended = await self._reader.read(identity.ended, asked, timezone.now())
            if ended:
                # A guest's connections come back as the account's, with the session that the browser has by now.
                come_back = await self._reader.read(identity.became_accounts, ended)
                await _all_told(
                    connection.restart() if connection.identity in come_back else connection.end_session()
                    for connection in self._open
                    if connection.identity in ended
                )


async def _all_told(words: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Speak to several connections at once, so that one that doesn't read holds nobody up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*words, return_exceptions=True)
