"""A server's signs of life: to its supervisor, and on every WebSocket to the proxy in front.

A proxy can't tell a quiet connection from one whose process hangs or whose machine is gone, unless something comes.
What comes is an unsolicited pong, two bytes that nobody answers (RFC 6455, 5.5.3); so nginx may give up a process after
2 s of silence instead of 75.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from config import notification
from config.notification import Notifier

INTERVAL = 0.75
"""Seconds between two signs of life; `proxy_read_timeout` and ``WatchdogSec`` in deploy/ allow for a late one."""
CHUNK = 100
"""Connections that are written to before others on the loop run: half a millisecond."""


class Beating(Protocol):
    """What an open WebSocket offers."""

    def beat(self) -> None:
        """Send a sign of life, unless there is no need or no use."""


class Heartbeats:
    """The signs of life of one server.

    Args:
        notifier: tells the supervisor that the event loop turns.
        sockets: gives the open WebSockets; None where no proxy would profit.
    """

    def __init__(self, notifier: Notifier, sockets: Callable[[], Iterable[Beating]] | None) -> None:
        self._notifier = notifier
        self._sockets = sockets
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """The server listens."""
        self._notifier.tell(notification.READY)
        self._task = asyncio.get_running_loop().create_task(self._beat_for_ever())

    def stop(self) -> None:
        """All connections are gone."""
        if self._task is not None:
            self._task.cancel()

    async def _beat_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_at = loop.time() + INTERVAL
            self._notifier.tell(notification.ALIVE)
            if self._sockets is not None:
                await self._beat(list(self._sockets()))
            await asyncio.sleep(next_at - loop.time())

    async def _beat(self, sockets: list[Beating]) -> None:
        """All of them within half the interval, however many: one look at 10,000 would make moves wait for 50 ms."""
        pause = INTERVAL / 2 * CHUNK / max(len(sockets), 1)
        for start in range(0, len(sockets), CHUNK):
            if start:
                await asyncio.sleep(pause)
            for connection in sockets[start : start + CHUNK]:
                connection.beat()
