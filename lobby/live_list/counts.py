"""How many are connected, how many seek each time control, and how many games are being played.

One process counts for all, as with the lists (`lobby.live_list.sharing`): whoever does so first is heard by the others,
who then wait again.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Final

from games import protocol
from games.layers.broadcast import LOBBY_GROUP
from games.layers.messages import LobbyCounted
from games.protocol import GameError
from games.runtime import Runtime
from lobby.pairing import seeks

INTERVAL: Final = 2.0
"""Seconds from one event to the next, at least."""
SPREAD: Final = 0.5
"""Seconds more, at random."""


class Counting:
    """The counts, as the hub of one event loop tells them.

    Args:
        playing: how many games are being played, as the hub knows it; None where nobody here would hear of it.
        tell: called with a frame for every lobby with lists.
    """

    def __init__(self, playing: Callable[[], int | None], tell: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._playing = playing
        self._tell = tell
        self._heard_at = self._told_at = float("-inf")
        self._told: protocol.Counts | None = None
        self._frame: str | None = None

    @property
    def frame(self) -> str | None:
        """What was told last; None where it may be out of date."""
        return self._frame if self._loop.time() - self._heard_at < 3 * INTERVAL else None

    async def count_for_ever(self) -> None:
        """Count from time to time, unless another process has just done so."""
        while True:
            playing = self._playing()
            if playing is not None and self._loop.time() - self._heard_at >= INTERVAL:
                with contextlib.suppress(GameError):  # the store is away, and the log says so already
                    await self._count(playing)
            pause = INTERVAL if playing is not None else SPREAD
            await asyncio.sleep(pause + random.uniform(0, SPREAD))  # noqa: S311  nothing secret

    def hear(self, message: LobbyCounted) -> None:
        """A process has counted: tell our lobbies, where anything is new to them."""
        now = self._loop.time()
        self._heard_at = now
        online = Runtime.here().neighbours.online
        counts = protocol.Counts(online=online, seeking=message["seeking"], playing=message["playing"])
        if counts != self._told and now - self._told_at >= INTERVAL:
            self._told, self._told_at = counts, now
            self._frame = protocol.encode(counts)
            self._tell(self._frame)

    async def _count(self, playing: int) -> None:
        runtime = Runtime.here()
        seeking = await runtime.reader.ask(seeks.counts, runtime.store_time.now())
        message: LobbyCounted = {"type": "lobby.counted", "seeking": seeking, "playing": playing}
        self.hear(message)
        runtime.broadcast.send_elsewhere(LOBBY_GROUP, message)
