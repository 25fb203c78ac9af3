"""A process that alone has lost the store hands its people to its neighbours, and serves again when it is back."""

import asyncio
import logging
from collections.abc import Callable

from games.layers.broadcast import Broadcast
from games.layers.messages import ProcessTold
from games.presence.connections import Connections
from games.storage.readiness import Readiness

log = logging.getLogger("fourline.neighbours")

PROBE_EVERY = 0.55
"""Seconds; longer than an answer of `Readiness` is given again."""
LOOK_EVERY = 0.25
SILENT_FOR = 1.2
"""Seconds without a sign of the store after which neighbours are asked. Their answer may be half a second old, and our
own last sign half a second older than the store's end: it has to be later than what would be the end for all."""
A_MOMENT = 0.2
"""Seconds from a neighbour's word to the decision: after a pause of the store's one hears of its end before another."""
BACK_FOR = 2.0
"""Seconds for which the store has to serve before people are let in again."""


class Failover:
    """A process that alone has lost the store hands its people to its neighbours, and serves again when it is back.

    Where all have lost it nobody goes anywhere: everywhere else it is as bad. So a process that had no answer for a
    while asks its neighbours, and only their word that the store serves them makes it send everybody away.

    Args:
        readiness: asks the store.
        serves_within: whether anybody here had an answer of the store within so many seconds. Where thousands wait for
            their turn, a probe of ours among them, others have answers; where one game's row is locked, readers have.
        broadcast: reaches the neighbours.
        connections: those to send away.
    """

    def __init__(
        self,
        readiness: Readiness,
        serves_within: Callable[[float], bool],
        broadcast: Broadcast,
        connections: Connections,
    ) -> None:
        self._readiness = readiness
        self._serves_within = serves_within
        self._broadcast = broadcast
        self._connections = connections
        self._tasks: list[asyncio.Task[None]] = []
        self._answering: asyncio.Task[None] | None = None
        self._silent_since = float("-inf")
        self._is_asking = False

    def start(self) -> None:
        """Watch, where there is a layer that is shared. Nothing happens the second time."""
        if not self._tasks and self._broadcast.process is not None:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._probe_for_ever()), loop.create_task(self._look_for_ever())]

    async def close(self) -> None:
        """Watch no longer."""
        tasks = [*self._tasks, *([self._answering] if self._answering is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def hear(self, message: ProcessTold) -> bool:
        """A message of the processes' group; whether it was about the store."""
        match message["type"]:
            case "store.asked":
                if self._answering is None or self._answering.done():
                    self._answering = asyncio.get_running_loop().create_task(self._answer())
            case "store.serves":
                asyncio.get_running_loop().call_later(A_MOMENT, self._compare)
            case _:
                return False
        return True

    async def _probe_for_ever(self) -> None:
        """Give the store something to answer, where nobody else does."""
        while True:
            await self._readiness.lack()
            await asyncio.sleep(PROBE_EVERY)

    async def _look_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(SILENT_FOR)  # for the first probe
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._serves_within(SILENT_FOR):
                self._is_asking = False
                if self._connections.stands_aside and loop.time() - self._silent_since >= BACK_FOR:
                    self._come_back()
                continue
            self._silent_since = loop.time()
            if not self._connections.stands_aside:
                self._is_asking = True
                self._broadcast.tell_processes("store.asked")

    async def _answer(self) -> None:
        if not self._connections.stands_aside and await self._readiness.lack() is None:
            self._broadcast.tell_processes("store.serves")

    def _compare(self) -> None:
        """A neighbour has the store. We asked because we have not; meanwhile we may."""
        if self._is_asking and not self._serves_within(SILENT_FOR):
            self._is_asking = False
            self._connections.stands_aside = True
            log.warning(
                "the store serves others, not us: %d connections are sent to them, newcomers are refused",
                len(self._connections),
            )
            self._answering = asyncio.get_running_loop().create_task(self._connections.send_away())

    def _come_back(self) -> None:
        self._connections.stands_aside = False
        log.warning("the store serves again: newcomers are welcome")
