"""What one event loop has, put together in one place: everybody who needs a part of it finds it with `Runtime.here`.

Whoever owns the event loop opens its runtime and closes it: a server at its start and end, a command around its work.
Code without an event loop (views, the API, the admin, commands) goes in by `games.runtime.call`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from games.access import identity
from games.access.identity import Claim, Identity
from games.access.leases import Leases
from games.access.quotas import first_redis_url
from games.chat.chats import Chats
from games.computer.opponents.answers import computer_in
from games.computer.thinking import Thinking
from games.game.changes import Change, Drop
from games.game.claims import claimed_after
from games.game.live import LiveGame
from games.honesty.weighing import Weighing
from games.layers.broadcast import Broadcast
from games.presence.absences import Absences
from games.presence.attendance import Attendance
from games.presence.connections import Connections
from games.presence.failover import Failover
from games.presence.heartbeats import Heartbeats
from games.presence.last_seen import QUIET_AFTER
from games.presence.neighbours import Neighbours
from games.protocol import GameError
from games.registry.after import FollowUps
from games.registry.creation import Creation
from games.registry.due import Due
from games.registry.elsewhere import Elsewhere
from games.registry.registry import Registry
from games.registry.timekeeper import Timekeeper
from games.storage.reader import Reader
from games.storage.readiness import Readiness
from games.storage.store_time import StoreTime
from games.storage.together import Together
from games.storage.writes import Writes

log = logging.getLogger("fourline.runtime")


class Runtime:
    """The parts of one event loop.

    Attributes:
        broadcast: tells groups what happened.
        reader: threads that read the store.
        store_time: the time for the log.
        heartbeats: which processes are alive, by the store.
        registry: the games, and the one way of changing them.
        creation: games made by people.
        live_games, journal: the registry's.
        identities: who somebody is, asked for many at once.
        leases: places that connections hold, over all processes.
        attendance: who is connected to which game.
        absences: who has left one, in the store.
        connections: the open sockets.
        neighbours: the other processes.
        readiness: whether the store serves.
        writes: all that is written besides changes of games.
        after: what follows changes.
        due: what happens to games at a time.
        timekeeper: the clocks of the games that are live here.
        thinking: the computer's workers.
        chats: what people say beside games.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Runtime"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_closed = self._serves = False
        self.broadcast = Broadcast()
        self.reader = Reader(self._loop)
        self.store_time = StoreTime(self.reader)
        self.registry = Registry(self.reader, self.broadcast, self._spawn, self.store_time.now)
        self.live_games, self.journal = self.registry.live_games, self.registry.journal
        self.writes = Writes(self.journal, self._loop)
        self.after = FollowUps(self.broadcast, self.reader, self.writes)
        self.chats = Chats(self.broadcast, self.reader, self.writes, self.store_time.now)
        self.heartbeats = Heartbeats(self.reader, self.writes, self.store_time.now, self.registry.pace.now)
        self.due = Due(self.registry, self.reader, self.writes, self.after, self.heartbeats)
        self.creation = Creation(self.registry, self.reader, self.writes)
        self.thinking = Thinking(self.reader, self.writes, self.broadcast, self.registry, self.creation)
        self.after.add(self.thinking.queueing)
        self.after.add(self.thinking.opponents)
        self.after.add(Weighing())
        self.registry.submissions.on_change = self._follow
        self.live_games.before_load, self.live_games.on_load = self.heartbeats.known, self._loaded
        self.identities: Together[Claim, Identity] = Together(self.reader.ask, identity.verify_all)
        self.leases = Leases(first_redis_url())
        self.attendance = Attendance(self.broadcast, self.registry.pace.now, self._claimed_after, self._computer_at)
        self.registry.alone_for = self._alone_for
        self.absences = Absences(self.reader, self.writes, self.attendance, self.heartbeats, self.store_time.now)
        self.attendance.on_arrival = self._arrived
        self.registry.find_alone = self.absences.alone_for
        self.due.is_elsewhere = self.attendance.is_elsewhere
        self.connections = Connections(self.reader, self.writes, self.broadcast, self.attendance, self.leases)
        self.connections.may_be_quiet = self._may_be_quiet
        self.neighbours = Neighbours(self.broadcast, self.attendance)
        self.timekeeper = Timekeeper(self.registry, self.heartbeats, self.due, self.attendance)
        self.neighbours.on_loss, self.heartbeats.on_silence = self._lost, self.timekeeper.silent
        self.broadcast.online_here = lambda: self.connections.online
        self.readiness = Readiness(self.reader, self.journal.has_stored_within, self.registry.try_to_write)
        self._failover = Failover(self.readiness, self._serves_within, self.broadcast, self.connections)
        self._elsewhere = Elsewhere(
            self.broadcast, self.live_games, self.registry.catching_up, self.neighbours, self._failover, self._spawn
        )
        self._elsewhere.listen()

    # --- opening and finding ------------------------------------------------------------------------------------

    @classmethod
    def open(cls) -> "Runtime":
        """The runtime of the running event loop, made where there is none yet. It lives until it is closed."""
        loop = asyncio.get_running_loop()
        runtime = cls._of_loop.get(loop)
        if runtime is None:
            runtime = cls._of_loop[loop] = cls()
        return runtime

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> "AsyncIterator[Runtime]":
        """A runtime for the length of a ``with``, on an event loop that has none."""
        if asyncio.get_running_loop() in cls._of_loop:
            raise RuntimeError("this event loop has a runtime, which belongs to somebody else")
        runtime = cls.open()
        try:
            yield runtime
        finally:
            await runtime.close()

    @classmethod
    def here(cls) -> "Runtime":
        """The runtime of the running event loop.

        Raises:
            RuntimeError: nobody has opened one.
        """
        runtime = cls._of_loop.get(asyncio.get_running_loop())
        if runtime is None:
            raise RuntimeError("no runtime is open on this event loop: a server opens one, a command uses `alone`")
        return runtime

    @classmethod
    def close_those_of_ended_loops(cls) -> None:
        """End the journals of event loops that ended without closing their runtime."""
        for loop, runtime in list(cls._of_loop.items()):
            if loop.is_closed():
                runtime.journal.close()
                cls._of_loop.pop(loop)

    # --- its life -----------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Be a server's: live among the processes that share the layer, and see to what is due to any game.

        Nothing happens the second time.
        """
        if not self._serves:
            self._serves = True
            self.journal.serve()
            self._elsewhere.join()
            self.due.start()
            self.store_time.start()
            self.heartbeats.start()
            self.absences.start()
            self.thinking.serve()

    def think(self) -> None:
        """Do the computer's work alone, for servers elsewhere."""
        self.store_time.start()
        self.thinking.review()

    async def close(self) -> None:
        """Store and announce what waits, then end every thread and task."""
        if self.is_closed:
            return
        self.is_closed = True
        if not self.connections.is_draining:  # else it stays, to refuse who comes in the last moment
            self._of_loop.pop(self._loop, None)
        await self.due.close()
        await self.chats.close()
        await self.thinking.close()
        await self.store_time.close()
        await self.absences.close()
        await self.heartbeats.close()
        await self.registry.close()
        await self.writes.close()
        await self.neighbours.close()
        await self.broadcast.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connections.close()
        await self._failover.close()
        await self.readiness.close()
        await self.leases.close()
        await self.reader.close()

    def _loaded(self, game: LiveGame) -> None:
        """A game was loaded, or a timed one changed elsewhere."""
        self.timekeeper.loaded(game)
        if game.turn is None or game.own_plies <= 2:
            self.attendance.look_again(game.id)
        self.thinking.opponents.loaded(game)

    def _lost(self, process: str, silent_s: float) -> None:
        """Another process was lost: its players get time back, and its computers' moves are made here."""
        self.thinking.opponents.look()
        self.timekeeper.lost(process, silent_s)

    def _alone_for(self, game_id: str, seat: int) -> float | None:
        """`Attendance.alone_for`; nobody is known to be alone while not all is heard that happened in a pause."""
        return None if self.registry.pace.has_just_paused else self.attendance.alone_for(game_id, seat)

    def _arrived(self, game_id: str) -> None:
        if self._claimed_after(game_id) is not None:
            self.absences.ask_about(game_id)

    def _claimed_after(self, game_id: str) -> float | None:
        entry = self.live_games.find(game_id)
        return None if entry is None or entry.game is None else claimed_after(entry.game)

    def _computer_at(self, game_id: str) -> int | None:
        entry = self.live_games.find(game_id)
        computer = None if entry is None or entry.game is None else computer_in(entry.game)
        return None if computer is None else computer[0]

    def _may_be_quiet(self, game_id: str) -> bool:
        """Whether a game may have been without a move for a while; the store is asked only then."""
        entry = self.live_games.find(game_id)
        game = None if entry is None else entry.game
        if game is None or game.taken_back_at:
            return True
        return not game.is_finished and game.turn_since <= self.store_time.now() - QUIET_AFTER

    def _follow(self, game: LiveGame, change: Change) -> None:
        is_usual = isinstance(change, Drop) and change.outcome is None
        if not is_usual or game.own_plies <= 2:
            self.attendance.look_again(game.id)
        if not is_usual:  # a move that goes on brings nothing nearer
            self.timekeeper.changed(game)
        self.after.hint(game, change)

    def _serves_within(self, seconds: float) -> bool:
        return self.reader.has_answered_within(seconds) or self.journal.has_stored_within(seconds)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whoever waited for it hears of a refusal; where they have all gone, nobody has to."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, GameError):
            log.error("a task failed: %r", error, exc_info=error)
