"""One open lobby, as the hub sees it: frames that wait to be sent, bounded, and snapshots when they are due."""

import asyncio
import secrets
from collections import deque
from typing import Protocol

from games import protocol
from games.protocol import LobbySnapshot, Sync

SNAPSHOT_INTERVAL = 60.0
"""Seconds after which a lobby gets everything again."""
MAX_PERSONAL = 64
"""The same, of frames for one person alone."""
MAX_FRAMES = 512
"""Frames that may wait for a slow reader. More are dropped together, and a snapshot takes their place."""


class Lobby(Protocol):
    """What a listener asks of the hub."""

    @property
    def flushes(self) -> int:
        """How often what is listed was brought up to date."""

    def snapshot(self, player_id: int | None, has_lists: bool = True) -> LobbySnapshot:
        """The lobby as this person sees it."""

    def snapshot_text(self, player_id: int | None, has_lists: bool = True) -> str:
        """`snapshot` as the text of its frame."""

    def leave(self, listener: "Listener") -> None:
        """A listener is gone."""


class Listener:
    """What one connection has yet to hear. All its frames go out through `next`, one after the other, so that an
    event never follows a snapshot that is newer.

    Args:
        lobby: makes the snapshots.
        player_id: who listens; None for somebody who is not signed in.
        has_lists: whether to hear of games, or only of what concerns the person.

    Attributes:
        token: names the connection among all those of all processes.
    """

    def __init__(self, lobby: Lobby, player_id: int | None, has_lists: bool = True) -> None:
        self.player_id = player_id
        self.has_lists = has_lists
        self.token = secrets.token_hex(8)
        self._lobby = lobby
        self._loop = asyncio.get_running_loop()
        self._frames: deque[str] = deque()
        self._personal: deque[str] = deque()
        self._counts: str | None = None
        self._asked: deque[Sync] = deque()
        self._is_open = self._has_begun = False
        self._is_snapshot_due = False
        self._told_up_to = -1
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None

    def open(self, counts: str | None = None) -> None:
        """The hub knows enough: begin with a snapshot.

        Args:
            counts: the frame that follows it, where there is one.
        """
        self._is_open = True
        self._counts = counts if self.has_lists else None
        self._make_due()

    def put(self, frames: list[str], flush: int) -> None:
        """Add events, unless a snapshot tells them anyway.

        Args:
            frames: what changed for this listener.
            flush: the number of the flush that found it.
        """
        if not self._is_open or self._is_snapshot_due or flush <= self._told_up_to:
            return
        if len(self._frames) + len(frames) > MAX_FRAMES:
            self._make_due()
            return
        self._frames.extend(frames)
        self._wake()

    def tell(self, frames: list[str]) -> None:
        """Add what concerns the person alone: no snapshot takes its place, since what happened may be over by then.

        Whoever reads so slowly that many wait gets a snapshot for the oldest.
        """
        if not self._is_open:
            return
        self._personal.extend(frames)
        if len(self._personal) > MAX_PERSONAL:
            self._personal.clear()
            self._make_due()
        self._wake()

    def count(self, frame: str) -> None:
        """How many are connected and seek: the newest frame takes the place of the one before."""
        if self._is_open and self.has_lists:
            self._counts = frame
            self._wake()

    def ask(self, sync: Sync) -> None:
        """The client wants a snapshot, as the answer to this command."""
        self._asked.append(sync)
        self._wake()

    async def next(self) -> str:
        """The next frame to send, once there is one."""
        while not (self._frames or self._asked or self._is_snapshot_due or self._personal or self._counts):
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        # What concerns the person goes first: a snapshot that follows is newer.
        if self._personal and self._has_begun:
            return self._personal.popleft()
        if self._asked:
            snapshot = self._lobby.snapshot(self.player_id, self.has_lists)
            self._superseded()
            return protocol.answering(snapshot, self._asked.popleft())
        if self._is_snapshot_due:
            self._superseded()
            return self._lobby.snapshot_text(self.player_id, self.has_lists)
        if self._frames:
            return self._frames.popleft()
        counts, self._counts = self._counts, None
        return counts or ""

    def leave(self) -> None:
        """The connection is gone."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()
        self._lobby.leave(self)

    def _superseded(self) -> None:
        """A snapshot goes out: what waits is part of it."""
        self._frames.clear()
        self._is_snapshot_due = False
        self._has_begun = True
        self._told_up_to = self._lobby.flushes
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(SNAPSHOT_INTERVAL, self._make_due)

    def _make_due(self) -> None:
        self._frames.clear()
        self._is_snapshot_due = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
