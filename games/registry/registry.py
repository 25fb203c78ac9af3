"""The meeting point: a process's dictionary from game ID to live game, and the one way to change any of them.

``Registry.run`` is the way of a command, whoever asks: judge it on the live game, hand the change to the journal, and
after the commit apply, announce and answer. From the moment a change is handed over it belongs to the registry: a
caller who vanishes alters nothing.
"""

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from games import protocol
from games.access import identity
from games.access.identity import Claim, Identity
from games.access.leases import Leases
from games.access.quotas import first_redis_url
from games.game.changes import GameChange
from games.game.commands import Command
from games.game.judging import judge
from games.game.live import LiveGame, NewGame
from games.game.people import Asker, Participant
from games.game.rulings import Ruling
from games.layers.broadcast import LOBBY_GROUP, PROCESSES_GROUP, Broadcast, game_of
from games.layers.local import MISSED, Message
from games.logs import reason_of
from games.metrics import figures
from games.presence.attendance import Attendance
from games.presence.connections import Connections
from games.presence.neighbours import Failover, Neighbours
from games.protocol import Answer, ErrorCode, GameError, Visibility, encode
from games.registry.live_games import LiveEntry, LiveGames
from games.registry.turns import ANSWER_WITHIN, Deadlines, Turns
from games.rules.ids import new_game_id
from games.storage.commits import Verdict
from games.storage.id_lengths import IdLengths
from games.storage.journal import Entry, Journal
from games.storage.reader import Reader
from games.storage.readiness import Readiness
from games.storage.statements import Trial
from games.storage.together import Together

log = logging.getLogger("fourline.registry")

MAX_ATTEMPTS = 5
"""How often a command is judged again after losing to another process, before its caller hears `try_again`."""

# A live game that is behind may refuse these wrongly; a full or missing column stays what it is.
_MAY_BE_STALE = frozenset(ErrorCode) - {ErrorCode.COLUMN_FULL, ErrorCode.NO_SUCH_COLUMN}

Reply = tuple[LiveGame, Answer | None]
T = TypeVar("T")


class Pending:
    """A command whose change is being stored."""

    __slots__ = ("asker", "attempts", "change", "command", "entry", "journal", "journal_entry", "reply")

    def __init__(
        self,
        entry: LiveEntry,
        asker: Asker,
        command: Command,
        change: GameChange,
        reply: asyncio.Future[Reply],
        journal: Journal,
    ) -> None:
        self.entry = entry
        self.asker = asker
        self.command = command
        self.change = change
        self.reply = reply
        self.journal = journal
        self.attempts = 0
        self.journal_entry: Entry | None = None

    def withdraw(self) -> None:
        """Take the change back, if the writer hasn't begun with it."""
        if self.journal_entry is not None:
            self.journal.withdraw(self.journal_entry)


class Registry:
    """The live games of one event loop.

    Whoever owns the event loop opens it and closes it: a server at its start and end, a command around its work.
    Everybody else gets it with `Registry.here`.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Registry"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._deadlines = Deadlines()
        self.broadcast = Broadcast()
        self.reader = Reader(self._loop)
        self.live_games = LiveGames(self.read, self.broadcast, self._spawn)
        self.identities: Together[Claim, Identity] = Together(self.read, identity.verify_all)
        self._turns = Turns(self.live_games, self._deadlines)
        self.journal = Journal(self._stored, self._loop)
        self.journal.on_batch = figures.note_batch
        self._id_lengths = IdLengths(self.read, self._spawn)
        self.readiness = Readiness(self.reader, self.journal, lambda: self._store_alone(Trial()))
        self.leases = Leases(first_redis_url())
        self.attendance = Attendance(self.broadcast)
        self.neighbours = Neighbours(self.broadcast, self.attendance)
        self.connections = Connections(self.reader, self.broadcast, self.attendance, self.leases)
        self.failover = Failover(self.readiness, self._serves_within, self.broadcast, self.connections)
        self.is_closed = False
        self.broadcast.attend(self._heard, self._renewed)

    @classmethod
    def open(cls) -> "Registry":
        """The registry of the running event loop, made where there is none yet. It lives until it is closed."""
        loop = asyncio.get_running_loop()
        registry = cls._of_loop.get(loop)
        if registry is None:
            registry = cls._of_loop[loop] = cls()
        return registry

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> "AsyncIterator[Registry]":
        """A registry for the length of a ``with``, on an event loop that has none."""
        if asyncio.get_running_loop() in cls._of_loop:
            raise RuntimeError("this event loop has a registry, which belongs to somebody else")
        registry = cls.open()
        try:
            yield registry
        finally:
            await registry.close()

    @classmethod
    def here(cls) -> "Registry":
        """The registry of the running event loop.

        Raises:
            RuntimeError: nobody has opened one.
        """
        registry = cls._of_loop.get(asyncio.get_running_loop())
        if registry is None:
            raise RuntimeError("no registry is open on this event loop: a server opens one, a command uses `alone`")
        return registry

    # --- what callers ask ---------------------------------------------------------------------------------------

    async def create(
        self,
        participant: Participant,
        visibility: Visibility = Visibility.PUBLIC,
        first_move: int | str = 1,
    ) -> LiveGame:
        """Make a game that waits for participant 2.

        Args:
            participant: who makes it.
            visibility: whether lists show it.
            first_move: who moves first: 1, 2 or ``"random"``.

        Returns:
            The game, stored.

        Raises:
            GameError: ``try_again``, it could not be stored.
        """
        first = 1 + secrets.randbelow(2) if first_move == "random" else int(first_move)
        self._id_lengths.look_if_due()
        for _ in range(MAX_ATTEMPTS):
            new = NewGame(new_game_id(), participant, first, visibility, timezone.now())
            verdict = await self._store_alone(new)
            if verdict is Verdict.STORED:
                figures.stored["NewGame"] += 1
                self.broadcast.lobby_changed(new.game_id)
                return LiveGame(new)
            if verdict is Verdict.FAILED:
                break
        raise GameError(ErrorCode.TRY_AGAIN)

    async def run(self, game_id: str, asker: Asker, command: Command) -> Reply:
        """Run a command on a game: judge, store, apply, announce.

        Args:
            game_id: canonical.
            asker: who asks.
            command: what is asked.

        Returns:
            The game after it, and an answer for the asker alone where what was asked was recorded already.

        Raises:
            GameError: refused, with the contract's code; ``game_not_found`` where there is no such game; ``try_again``
                when it is not known to be stored within `ANSWER_WITHIN` seconds.
        """
        entry = self.live_games.use(game_id)
        try:
            if entry.is_busy:
                await self._turns.wait(entry)
            entry.is_busy = True
            try:
                change = await self._judge_fresh(entry, asker, command)
            except BaseException:
                self._turns.end(entry)
                raise
            if isinstance(change, Answer):
                self._turns.end(entry)
                assert entry.game is not None  # just judged
                return entry.game, change
            reply: asyncio.Future[Reply] = self._loop.create_future()
            pending = Pending(entry, asker, command, change, reply, self.journal)
            self._submit(pending)
            # Withdrawn in time or not: where the writer has it already the game stays in doubt, its turn taken, until
            # the verdict comes, and what turns out to be stored is announced then.
            self._deadlines.watch(reply, pending.withdraw)
            return await reply
        finally:
            self.live_games.leave(entry)

    async def view(self, game_id: str) -> LiveGame:
        """A game, as the store has it now or had it within the last second.

        Args:
            game_id: canonical.

        Returns:
            The live game: to be read at once, before the next await.

        Raises:
            GameError: ``game_not_found``, or ``try_again`` when the store doesn't answer.
        """
        entry = self.live_games.use(game_id)
        try:
            await self.live_games.confirm(entry)
            assert entry.game is not None  # _confirm raises where there is none
            return entry.game
        finally:
            self.live_games.leave(entry)

    def subscribe(self, game_id: str) -> LiveEntry:
        """Keep a game live while a connection of this process listens to its group; see `LiveGames.subscribe`."""
        self.join_neighbours()
        return self.live_games.subscribe(game_id)

    def join_neighbours(self) -> None:
        """Live among the processes that share the layer, if there are any. Nothing happens the second time."""
        self.neighbours.start()
        self.failover.start()

    def _serves_within(self, seconds: float) -> bool:
        return self.reader.has_answered_within(seconds) or self.journal.has_stored_within(seconds)

    def _heard(self, group: str, message: Message) -> bool:
        """What other processes say, once for this one; whether it concerns no connection."""
        if group == PROCESSES_GROUP:
            if not self.failover.hear(message):
                self.neighbours.hear(message)
            return True
        game_id = game_of(group)
        if game_id is not None and message["type"] == "attendance":
            self.neighbours.hear_attendance(game_id, message)
            return True
        if game_id is not None and message.get("version") is None:
            entry = self.live_games.find(game_id)
            if entry is not None:  # an offer of a rematch: our live game lacks it
                self.live_games.doubt(entry)
        return False

    def _renewed(self, groups: frozenset[str]) -> None:
        """The shared layer was away: what was announced meanwhile in these groups was missed."""
        self._spawn(self.live_games.catch_up(in_any_case=True))
        if LOBBY_GROUP in groups:
            self.broadcast.send_here(LOBBY_GROUP, MISSED)
        if PROCESSES_GROUP in groups:
            self.neighbours.ask_anew()

    async def settle(self) -> None:
        """Wait, as long as a caller would, until every command under way is answered."""
        end = self._loop.time() + ANSWER_WITHIN
        while self.journal.waiting and self._loop.time() < end:
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Store and announce what waits, then end the journal's thread and every task."""
        if self.is_closed:
            return
        self.is_closed = True
        if not self.connections.is_draining:  # else it stays, to refuse who comes in the last moment
            self._of_loop.pop(self._loop, None)
        await self._loop.run_in_executor(None, self.journal.close)
        await asyncio.sleep(0)  # the last batch's call into the loop
        await self.neighbours.close()
        await self.broadcast.close()
        for task in tuple(self._tasks):
            task.cancel()
        self._deadlines.refuse_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connections.close()
        await self.failover.close()
        await self.readiness.close()
        await self.leases.close()
        await self.reader.close()

    # --- judging and storing ------------------------------------------------------------------------------------

    async def _judge_fresh(self, entry: LiveEntry, asker: Asker, command: Command) -> Ruling:
        """Judge; and judge again on a freshly loaded game before a refusal that a stale one may have caused."""
        if entry.game is None or not entry.subscribers:
            await self.live_games.confirm(entry)
        try:
            return self._judge(entry, asker, command)
        except GameError as refusal:
            if refusal.code not in _MAY_BE_STALE or self.live_games.is_confirmed(entry):
                raise
        await self.live_games.load(entry)
        return self._judge(entry, asker, command)

    def _judge(self, entry: LiveEntry, asker: Asker, command: Command) -> Ruling:
        if entry.game is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)
        return judge(entry.game, command, asker, timezone.now())

    def _submit(self, pending: Pending) -> None:
        pending.journal_entry = Entry(pending.change, pending)
        pending.entry.in_flight = True
        if self.is_closed or not self.journal.submit(pending.journal_entry):
            self._refuse(pending, GameError(ErrorCode.TRY_AGAIN))

    def _stored(self, done: list[tuple[Entry, Verdict]]) -> None:
        """The journal's call after each batch, in commit order."""
        for entry, verdict in done:
            try:
                self._conclude(entry, verdict)
            except Exception:
                # Whatever announcing it may raise, it must not fall on its neighbours in the batch.
                log.exception("a stored change could not be announced")
                self._drop(entry.owner)

    def _conclude(self, entry: Entry, verdict: Verdict) -> None:
        owner = entry.owner
        if isinstance(owner, asyncio.Future):
            self._created(entry.change, owner, verdict)
            return
        owner.entry.in_flight = False
        owner.journal_entry = None  # it holds its owner: without this only the garbage collector would end the two
        if verdict is Verdict.STORED:
            self._apply(owner)
        elif verdict is Verdict.CONFLICT:
            self._spawn(self._judge_again(owner))
        else:
            self.live_games.doubt(owner.entry)  # the writer may have failed after it was stored
            self._refuse(owner, GameError(ErrorCode.TRY_AGAIN))

    def _drop(self, owner: Any) -> None:
        """Trust nothing of a live game any more: the next who asks loads it."""
        if isinstance(owner, Pending):
            owner.entry.game = None
            self._refuse(owner, GameError(ErrorCode.TRY_AGAIN))

    def _created(self, new: Any, caller: asyncio.Future[Verdict], verdict: Verdict) -> None:
        """A new game, or a trial, is stored or not; its caller may have gone meanwhile."""
        if not caller.done():
            caller.set_result(verdict)
        if verdict is Verdict.STORED and isinstance(new, NewGame):
            self.broadcast.lobby_changed(new.game_id)

    def _apply(self, pending: Pending) -> None:
        entry = pending.entry
        game = entry.game
        assert game is not None  # it was judged, and a busy entry is never forgotten
        event = pending.change.apply(game)
        figures.stored[type(pending.change).__name__] += 1
        self.live_games.moved_on(entry)
        self._announce(game, event)
        if not pending.reply.done():
            pending.reply.set_result((game, None))
        self._turns.end(entry)

    def _announce(self, game: LiveGame, event: protocol.Event) -> None:
        self.broadcast.announce(game.id, getattr(event, "version", None), encode(event))
        # Of private games too: their participants' lobbies show them.
        is_move = isinstance(event, protocol.MovePlayed) and event.outcome is None
        self.broadcast.lobby_changed(game.id, is_move)
        if isinstance(event, protocol.RematchStarted):
            self._id_lengths.look_if_due()
            self.broadcast.lobby_changed(event.game)

    async def _judge_again(self, pending: Pending) -> None:
        """Another process was quicker: load what it stored, and judge the command on that."""
        pending.attempts += 1
        try:
            if pending.attempts > MAX_ATTEMPTS:
                raise GameError(ErrorCode.TRY_AGAIN)
            await self.live_games.load(pending.entry)
            change = self._judge(pending.entry, pending.asker, pending.command)
        except GameError as refusal:
            self._refuse(pending, refusal)
            return
        except Exception:
            log.exception("game %s: a command could not be judged again", pending.entry.game_id)
            self._drop(pending)
            return
        if isinstance(change, Answer):
            assert pending.entry.game is not None
            if not pending.reply.done():
                pending.reply.set_result((pending.entry.game, change))
            self._turns.end(pending.entry)
        else:
            pending.change = change
            self._submit(pending)

    def _refuse(self, pending: Pending, refusal: GameError) -> None:
        pending.entry.in_flight = False
        if not pending.reply.done():
            pending.reply.set_exception(refusal)
        self._turns.end(pending.entry)

    async def _store_alone(self, change: NewGame | Trial) -> Verdict:
        """Store what no live game has to judge."""
        verdict: asyncio.Future[Verdict] = self._loop.create_future()
        entry = Entry(change, verdict)
        if self.is_closed or not self.journal.submit(entry):
            return Verdict.FAILED
        try:
            return await asyncio.wait_for(verdict, ANSWER_WITHIN)
        except TimeoutError:
            self.journal.withdraw(entry)
            return Verdict.FAILED

    # --- reading ------------------------------------------------------------------------------------------------

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that reads the store, in a reader's thread.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        try:
            return await self.reader.read(function, *args)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("storage unavailable: %s", reason_of(error))
            raise GameError(ErrorCode.TRY_AGAIN) from None

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def call(ask: Callable[[Registry], Awaitable[T]]) -> T:
    """The one way in for code without an event loop: views, admin actions, management commands.

    Within a server the registry is the server's own, so its connections hear of the change at once. Within `alone` it
    is opened for this call and closed after it; servers then hear through the store.

    Args:
        ask: gets the registry, returns what to await: ``call(lambda registry: registry.view("A9F3QX"))``.

    Raises:
        GameError: what the registry raises.
        RuntimeError: neither within a server nor within `alone`.
    """
    return async_to_sync(_call_alone if _is_alone.is_set() else _call_here)(ask)


_is_alone = threading.Event()
"""Set while no server runs in this process, and calls have registries of their own."""


@contextmanager
def alone() -> Iterator[None]:
    """Say that this process is no server, for the length of a ``with``: each `call` opens and closes a registry."""
    was_alone = _is_alone.is_set()
    _is_alone.set()
    try:
        yield
    finally:
        if not was_alone:
            _is_alone.clear()


async def _call_here(ask: Callable[[Registry], Awaitable[T]]) -> T:
    return await ask(Registry.here())


async def _call_alone(ask: Callable[[Registry], Awaitable[T]]) -> T:
    async with Registry.opened() as registry:
        return await ask(registry)
