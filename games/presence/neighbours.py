"""The other processes that share the layer: who lives, and what that means for who is connected to our games.

Every process says once a second that it lives; one that falls silent has died, and nobody is connected there any more.
While the layer itself is away nobody is taken for dead: what was known last stays, and is asked for anew afterwards.
"""

import asyncio
import logging
from collections.abc import Callable

from games.layers.broadcast import PROCESSES_GROUP, Broadcast
from games.layers.messages import AttendanceTold, ProcessTold
from games.presence.attendance import Attendance

log = logging.getLogger("fourline.neighbours")

INTERVAL = 1.0
"""Seconds between two signs of life."""
DEAD_AFTER = 3.5
"""Seconds of silence; with `INTERVAL` and the presence's own delay the games hear of it within 5 s."""
ANSWER_WITHIN = 1.5
"""Seconds that the others have, after the layer was away, to say who is connected there."""


class Neighbours:
    """The other processes, as one event loop hears them.

    Args:
        broadcast: reaches them.
        attendance: is told who is connected there.
    """

    def __init__(self, broadcast: Broadcast, attendance: Attendance) -> None:
        self._broadcast = broadcast
        self._attendance = attendance
        self._heard_at: dict[str, float] = {}
        self._online: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._answer: asyncio.TimerHandle | None = None
        self.on_loss: Callable[[str, float], None] = lambda process, silent_s: None
        """Called with a process that was lost, and for how many seconds nothing was heard of it."""

    def __len__(self) -> int:
        return len(self._heard_at)

    @property
    def online(self) -> int:
        """How many people are connected, to all processes; whoever is connected to two counts twice."""
        return self._broadcast.online_here() + sum(self._online.values())

    def start(self) -> None:
        """Live among them, where there is a layer that is shared. Nothing happens the second time."""
        if self._task is None and self._broadcast.process is not None:
            self._task = asyncio.get_running_loop().create_task(self._live())

    async def close(self) -> None:
        """Say goodbye."""
        if self._answer is not None:
            self._answer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._broadcast.tell_processes("process.ends")

    def hear(self, message: ProcessTold) -> None:
        """A message of the processes' group."""
        process, kind = message["process"], message["type"]
        if kind == "process.ends":
            self._lose(process)
            return
        is_new = process not in self._heard_at
        self._heard_at[process] = asyncio.get_running_loop().time()
        self._online[process] = int(message.get("online", 0))
        if kind == "process.asks":
            self._answer_soon()
        elif is_new:
            # It has just started, or it was slow and was taken for dead. In both cases nothing is known of it here.
            self._broadcast.tell_processes("process.asks")

    def hear_attendance(self, game_id: str, message: AttendanceTold) -> None:
        """Another process says who is connected to a game there."""
        spectators, participants1, participants2 = message["counts"]
        counts = int(spectators), int(participants1), int(participants2)
        self._heard_at[message["process"]] = asyncio.get_running_loop().time()
        self._attendance.hear(game_id, message["process"], counts, bool(message["asks"]))

    def ask_anew(self) -> None:
        """The layer was away: what others said meanwhile was missed, and what we said."""
        if self._task is not None:
            self._attendance.ask_anew(ANSWER_WITHIN)
            self._attendance.announce_all()
            self._broadcast.tell_processes("process.asks")

    def _answer_soon(self) -> None:
        """However many ask at once, one answer serves them all."""
        if self._answer is None:
            self._answer = asyncio.get_running_loop().call_later(INTERVAL / 2, self._answer_now)

    def _answer_now(self) -> None:
        self._answer = None
        self._attendance.announce_all()

    def _lose(self, process: str) -> None:
        self._online.pop(process, None)
        heard_at = self._heard_at.pop(process, None)
        if heard_at is not None:
            self.on_loss(process, asyncio.get_running_loop().time() - heard_at)
            self._attendance.forget(process)

    async def _live(self) -> None:
        layer = self._broadcast.layer
        # Its messages never reach the channel: `games.registry.elsewhere` hears them first, once for the process.
        channel = await layer.new_channel("neighbours")
        await layer.group_add(PROCESSES_GROUP, channel)
        self._broadcast.tell_processes("process.asks")
        try:
            while True:
                self._broadcast.tell_processes("process.lives")
                await asyncio.sleep(INTERVAL)
                self._look_around(is_listening=layer.is_up)
        finally:
            await layer.group_discard(PROCESSES_GROUP, channel)
            layer.forget_channel(channel)

    def _look_around(self, is_listening: bool) -> None:
        now = asyncio.get_running_loop().time()
        if not is_listening:
            self._heard_at = dict.fromkeys(self._heard_at, now)
        for process in [p for p, heard_at in self._heard_at.items() if now - heard_at > DEAD_AFTER]:
            log.warning("process %s is silent: nobody is connected there any more", process)
            self._lose(process)
