"""The meeting point: a process's dictionary from game ID to live game, and the one way to change any of them.

``Registry.run`` is the way of a command, whoever asks: judge it on the live game, hand the change to the journal, and
after the commit apply, announce and answer. From the moment a change is handed over it belongs to the registry: a
caller who vanishes alters nothing.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from games import protocol, store
from games.broadcast import LOBBY_GROUP, PROCESSES_GROUP, Broadcast, game_of
from games.connections import Connections
from games.ids import new_game_id
from games.journal import Entry, Journal, Verdict
from games.layers import MISSED, Message
from games.leases import Leases
from games.live import Command, LiveGame, NewGame, Participant
from games.metrics import figures
from games.neighbours import Neighbours
from games.presence import Attendance
from games.protocol import Answer, ErrorCode, GameError, Visibility, encode
from games.quotas import first_redis_url
from games.reader import Reader

log = logging.getLogger("fourline.registry")

ANSWER_WITHIN = 2.0
"""Seconds that a caller waits for the store at most; less than the time-out of a client's ping."""
CONFIRMED_FOR = 1.0
"""Seconds for which a live game counts as confirmed after it was compared with the store."""
CATCH_UP_INTERVAL = 2.0
"""Seconds between questions to the store which of our games another process changed."""
MAX_ATTEMPTS = 5
"""How often a command is judged again after losing to another process, before its caller hears `try_again`."""

# A live game that is behind may refuse these wrongly; a full or missing column stays what it is.
_MAY_BE_STALE = frozenset(ErrorCode) - {ErrorCode.COLUMN_FULL, ErrorCode.NO_SUCH_COLUMN}

Reply = tuple[LiveGame, Answer | None]
T = TypeVar("T")


class LiveEntry:
    """A live game with what the process knows about it."""

    __slots__ = (
        "confirmed_at", "game", "game_id", "in_flight", "is_busy", "is_heard", "loading", "revision", "subscribers",
        "turns", "users",
    )  # fmt: skip

    def __init__(self, game_id: str) -> None:
        self.game_id = game_id
        self.game: LiveGame | None = None
        self.confirmed_at = float("-inf")
        self.revision = 0
        """Counts what happened to `game`, so that a slow load can tell that it came too late."""
        self.loading: asyncio.Task[None] | None = None
        self.is_busy = False
        """Whether a command has its turn; it ends when its change is stored or refused."""
        self.in_flight = False
        """Whether the journal has a change of this game: the store may be ahead of `game` by that change."""
        self.turns: deque[asyncio.Future[None]] = deque()
        self.users = 0
        self.subscribers = 0
        self.is_heard = False
        """Whether a connection of this process is subscribed to the game's group."""


class Pending:
    """A command whose change is being stored."""

    __slots__ = ("attempts", "command", "deadline", "entry", "journal_entry", "player_id", "reply")

    def __init__(
        self, entry: LiveEntry, player_id: int | None, command: Command, reply: asyncio.Future[Reply], deadline: float
    ) -> None:
        self.entry = entry
        self.player_id = player_id
        self.command = command
        self.reply = reply
        self.deadline = deadline
        self.attempts = 0
        self.journal_entry: Entry | None = None


class Registry:
    """The live games of one event loop. Get it with `Registry.here`."""

    _of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, "Registry"] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._entries: dict[str, LiveEntry] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._deadlines: deque[tuple[float, asyncio.Future[Any], Pending | None]] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self.broadcast = Broadcast()
        self.reader = Reader(self._loop)
        self.journal = Journal(self._stored, self._loop)
        self.journal.on_batch = figures.note_batch
        self.leases = Leases(first_redis_url())
        self.attendance = Attendance(self.broadcast)
        self.neighbours = Neighbours(self.broadcast, self.attendance)
        self.connections = Connections(self.reader, self.broadcast, self.attendance)
        self.is_closed = False
        self.broadcast.attend(self._heard, self._renewed)

    @classmethod
    def here(cls) -> "Registry":
        """The registry of the running event loop, made on first use."""
        loop = asyncio.get_running_loop()
        registry = cls._of_loop.get(loop)
        if registry is None or registry.is_closed:
            registry = cls._of_loop[loop] = cls()
        return registry

    @property
    def live_games(self) -> int:
        """How many games are held in memory."""
        return len(self._entries)

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
        for _ in range(MAX_ATTEMPTS):
            new = NewGame(new_game_id(), participant, first, visibility, timezone.now())
            verdict = await self._store_new(new)
            if verdict is Verdict.STORED:
                figures.stored["NewGame"] += 1
                self.broadcast.lobby_changed(new.game_id)
                return LiveGame(new)
            if verdict is Verdict.FAILED:
                break
        raise GameError(ErrorCode.TRY_AGAIN)

    async def run(self, game_id: str, player_id: int | None, command: Command) -> Reply:
        """Run a command on a game: judge, store, apply, announce.

        Args:
            game_id: canonical.
            player_id: who asks; None for the house and for strangers.
            command: what is asked.

        Returns:
            The game after it, and an answer for the asker alone where what was asked was recorded already.

        Raises:
            GameError: refused, with the contract's code; ``game_not_found`` where there is no such game; ``try_again``
                when it is not known to be stored within `ANSWER_WITHIN` seconds.
        """
        entry = self._use(game_id)
        try:
            if entry.is_busy:
                await self._wait_for_turn(entry)
            entry.is_busy = True
            try:
                change = await self._judge_fresh(entry, player_id, command)
            except BaseException:
                self._end_turn(entry)
                raise
            if isinstance(change, Answer):
                self._end_turn(entry)
                assert entry.game is not None  # just judged
                return entry.game, change
            reply: asyncio.Future[Reply] = self._loop.create_future()
            pending = Pending(entry, player_id, command, reply, self._loop.time() + ANSWER_WITHIN)
            self._submit(pending, change)
            self._watch(pending.deadline, reply, pending)
            return await reply
        finally:
            self._leave(entry)

    async def view(self, game_id: str) -> LiveGame:
        """A game, as the store has it now or had it within the last second.

        Args:
            game_id: canonical.

        Returns:
            The live game: to be read at once, before the next await.

        Raises:
            GameError: ``game_not_found``, or ``try_again`` when the store doesn't answer.
        """
        entry = self._use(game_id)
        try:
            await self._confirm(entry)
            assert entry.game is not None  # _confirm raises where there is none
            return entry.game
        finally:
            self._leave(entry)

    def subscribe(self, game_id: str) -> LiveEntry:
        """Keep a game live while a connection of this process listens to its group.

        Args:
            game_id: canonical.

        Returns:
            The entry, whose game is None until it is viewed. `unsubscribe` it when the connection ends.
        """
        entry = self._entry(game_id)
        entry.subscribers += 1
        if self._catching_up is None:
            self._catching_up = self._spawn(self._catch_up_for_ever())
            self.neighbours.start()
        return entry

    def unsubscribe(self, entry: LiveEntry) -> None:
        """A connection no longer listens."""
        entry.subscribers -= 1
        entry.is_heard = entry.is_heard and entry.subscribers > 0
        self._forget_if_idle(entry)

    async def hear(self, entry: LiveEntry, version: int, text: str) -> None:
        """Take in what another process announced, where the live game lacks it.

        Args:
            entry: of a game that a connection of this process listens to.
            version: the game's after the event.
            text: the event's frame.
        """
        game = entry.game
        if game is None or version <= game.version or entry.in_flight:
            return  # A change in flight meets what was announced as a conflict, and loads the game then.
        if version == game.version + 1 and text.startswith('{"type":"move_played"'):
            if game.hear(protocol.read_move(text)):
                entry.revision += 1
                return
        with contextlib.suppress(GameError):
            await self._load(entry)

    def listening(self, entry: LiveEntry) -> None:
        """A connection's subscription to the game's group stands; call it before the game is viewed.

        What was loaded before the first of them may lack what was announced before it: it is compared once more.
        """
        if not entry.is_heard:
            entry.is_heard = True
            self._doubt(entry)

    def _doubt(self, entry: LiveEntry) -> None:
        entry.confirmed_at = float("-inf")
        entry.revision += 1  # also for a load that is under way

    def _heard(self, group: str, message: Message) -> bool:
        """What other processes say, once for this one; whether it concerns no connection."""
        if group == PROCESSES_GROUP:
            self.neighbours.hear(message)
            return True
        game_id = game_of(group)
        if game_id is not None and message["type"] == "attendance":
            self.neighbours.hear_attendance(game_id, message)
            return True
        if game_id is not None and message.get("version") is None:
            entry = self._entries.get(game_id)
            if entry is not None:  # an offer of a rematch: our live game lacks it
                self._doubt(entry)
        return False

    def _renewed(self, groups: frozenset[str]) -> None:
        """The shared layer was away: what was announced meanwhile in these groups was missed."""
        self._spawn(self._catch_up())
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
        self._of_loop.pop(self._loop, None)
        await self._loop.run_in_executor(None, self.journal.close)
        await asyncio.sleep(0)  # the last batch's call into the loop
        await self.neighbours.close()
        await self.broadcast.close()
        for task in tuple(self._tasks):
            task.cancel()
        self._refuse_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connections.close()
        await self.leases.close()
        await self.reader.close()

    def _refuse_all(self) -> None:
        """Nothing more will be stored: nobody may wait for it."""
        if self._sweep is not None:
            self._sweep.cancel()
        for _, waiting, _ in self._deadlines:
            if not waiting.done():
                waiting.set_exception(GameError(ErrorCode.TRY_AGAIN))

    # --- entries and turns --------------------------------------------------------------------------------------

    def _entry(self, game_id: str) -> LiveEntry:
        entry = self._entries.get(game_id)
        if entry is None:
            entry = self._entries[game_id] = LiveEntry(game_id)
        return entry

    def _use(self, game_id: str) -> LiveEntry:
        entry = self._entry(game_id)
        entry.users += 1
        return entry

    def _leave(self, entry: LiveEntry) -> None:
        entry.users -= 1
        self._forget_if_idle(entry)

    def _forget_if_idle(self, entry: LiveEntry) -> None:
        if not (entry.users or entry.subscribers or entry.is_busy or entry.loading):
            self._entries.pop(entry.game_id, None)

    async def _wait_for_turn(self, entry: LiveEntry) -> None:
        """One command of a game at a time, in the order of their coming."""
        turn: asyncio.Future[None] = self._loop.create_future()
        entry.turns.append(turn)
        self._watch(self._loop.time() + ANSWER_WITHIN, turn, None)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._end_turn(entry)  # cancelled just after the turn was given: pass it on
            raise

    def _end_turn(self, entry: LiveEntry) -> None:
        while entry.turns:
            turn = entry.turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        entry.is_busy = False
        self._forget_if_idle(entry)

    # --- judging and storing ------------------------------------------------------------------------------------

    async def _judge_fresh(self, entry: LiveEntry, player_id: int | None, command: Command) -> Any:
        """Judge; and judge again on a freshly loaded game before a refusal that a stale one may have caused."""
        if entry.game is None or not entry.subscribers:
            await self._confirm(entry)
        try:
            return self._judge(entry, player_id, command)
        except GameError as refusal:
            if refusal.code not in _MAY_BE_STALE or self._is_confirmed(entry):
                raise
        await self._load(entry)
        return self._judge(entry, player_id, command)

    def _judge(self, entry: LiveEntry, player_id: int | None, command: Command) -> Any:
        if entry.game is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)
        return entry.game.judge(command, player_id, timezone.now())

    def _submit(self, pending: Pending, change: Any) -> None:
        pending.journal_entry = Entry(change, pending)
        pending.entry.in_flight = True
        if self.is_closed or not self.journal.submit(pending.journal_entry):
            self._refuse(pending, GameError(ErrorCode.TRY_AGAIN))

    def _stored(self, done: list[tuple[Entry, Verdict]]) -> None:
        """The journal's call after each batch, in commit order."""
        for entry, verdict in done:
            owner = entry.owner
            if isinstance(owner, asyncio.Future):
                self._created(entry.change, owner, verdict)
                continue
            owner.entry.in_flight = False
            if verdict is Verdict.STORED:
                self._apply(owner, entry.change)
            elif verdict is Verdict.CONFLICT:
                self._spawn(self._judge_again(owner))
            else:
                self._refuse(owner, GameError(ErrorCode.TRY_AGAIN))

    def _created(self, new: Any, caller: asyncio.Future[Verdict], verdict: Verdict) -> None:
        """A new game is stored, or not; its caller may have gone meanwhile."""
        if verdict is Verdict.STORED:
            self.broadcast.lobby_changed(new.game_id)
        if not caller.done():
            caller.set_result(verdict)

    def _apply(self, pending: Pending, change: Any) -> None:
        entry = pending.entry
        game = entry.game
        assert game is not None  # it was judged, and a busy entry is never forgotten
        event = game.apply(change)
        figures.stored[type(change).__name__] += 1
        entry.revision += 1
        self._announce(game, event)
        if not pending.reply.done():
            pending.reply.set_result((game, None))
        self._end_turn(entry)

    def _announce(self, game: LiveGame, event: protocol.Event) -> None:
        self.broadcast.announce(game.id, getattr(event, "version", None), encode(event))
        self.broadcast.lobby_changed(game.id)  # of private games too: their participants' lobbies show them
        if isinstance(event, protocol.RematchStarted):
            self.broadcast.lobby_changed(event.game)

    async def _judge_again(self, pending: Pending) -> None:
        """Another process was quicker: load what it stored, and judge the command on that."""
        pending.attempts += 1
        try:
            if pending.attempts > MAX_ATTEMPTS:
                raise GameError(ErrorCode.TRY_AGAIN)
            await self._load(pending.entry)
            change = self._judge(pending.entry, pending.player_id, pending.command)
        except GameError as refusal:
            self._refuse(pending, refusal)
            return
        if isinstance(change, Answer):
            assert pending.entry.game is not None
            if not pending.reply.done():
                pending.reply.set_result((pending.entry.game, change))
            self._end_turn(pending.entry)
        else:
            self._submit(pending, change)

    def _refuse(self, pending: Pending, refusal: GameError) -> None:
        pending.entry.in_flight = False
        if not pending.reply.done():
            pending.reply.set_exception(refusal)
        self._end_turn(pending.entry)

    async def _store_new(self, new: NewGame) -> Verdict:
        verdict: asyncio.Future[Verdict] = self._loop.create_future()
        entry = Entry(new, verdict)
        if self.is_closed or not self.journal.submit(entry):
            return Verdict.FAILED
        try:
            return await asyncio.wait_for(verdict, ANSWER_WITHIN)
        except TimeoutError:
            self.journal.withdraw(entry)
            return Verdict.FAILED

    # --- time-outs ----------------------------------------------------------------------------------------------

    def _watch(self, deadline: float, waiting: asyncio.Future[Any], pending: Pending | None) -> None:
        """Answer ``try_again`` to whoever waits past a deadline. Deadlines come in order: one sweep serves all."""
        self._deadlines.append((deadline, waiting, pending))
        if self._sweep is None:
            self._sweep = self._loop.call_at(deadline, self._sweep_deadlines)

    def _sweep_deadlines(self) -> None:
        now = self._loop.time()
        while self._deadlines and (self._deadlines[0][1].done() or self._deadlines[0][0] <= now):
            _, waiting, pending = self._deadlines.popleft()
            if not waiting.done():
                self._time_out(waiting, pending)
        self._sweep = self._loop.call_at(self._deadlines[0][0], self._sweep_deadlines) if self._deadlines else None

    def _time_out(self, waiting: asyncio.Future[Any], pending: Pending | None) -> None:
        if pending is not None and pending.journal_entry is not None:
            # Withdrawn or not: where the writer has it already the game stays in doubt, its turn taken, until the
            # verdict comes, and what turns out to be stored is announced then.
            self.journal.withdraw(pending.journal_entry)
        waiting.set_exception(GameError(ErrorCode.TRY_AGAIN))

    # --- loading ------------------------------------------------------------------------------------------------

    def _is_confirmed(self, entry: LiveEntry) -> bool:
        return self._loop.time() - entry.confirmed_at <= CONFIRMED_FOR

    async def _confirm(self, entry: LiveEntry) -> None:
        if entry.game is None or not self._is_confirmed(entry):
            await self._load(entry)
        if entry.game is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)

    async def _load(self, entry: LiveEntry) -> None:
        """Compare with the store, and load what it has: one at a time for each game, however many ask."""
        if entry.loading is None:
            entry.loading = self._spawn(self._load_once(entry))
        await asyncio.shield(entry.loading)

    async def _load_once(self, entry: LiveEntry) -> None:
        try:
            while True:
                revision = entry.revision
                stored = await self.read(store.load, entry.game_id)
                if entry.revision == revision:
                    break
                # The game moved on while we read: what we read is of no use, and mostly of no need any more.
                if entry.game is not None and self._is_confirmed(entry):
                    return
            entry.confirmed_at = self._loop.time()
            if stored is not None and not entry.in_flight:
                self._adopt(entry, stored)
        finally:
            entry.loading = None
            self._forget_if_idle(entry)

    def _adopt(self, entry: LiveEntry, stored: LiveGame) -> None:
        known, entry.game = entry.game, stored
        entry.revision += 1
        if known is None or not entry.subscribers or store.mark_of(known) == store.mark_of(stored):
            return
        for event in stored.events_since(known):
            self.broadcast.announce_here(stored.id, getattr(event, "version", None), encode(event))

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that reads the store, in a reader's thread.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        try:
            return await self.reader.read(function, *args)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("storage unavailable: %s", error)
            raise GameError(ErrorCode.TRY_AGAIN) from None

    async def _catch_up_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CATCH_UP_INTERVAL)
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Ask the store, in one query, which of the games listened to here were changed elsewhere unheard."""
        asked = {e.game_id: e.revision for e in self._entries.values() if e.subscribers and e.game and not e.is_busy}
        if not asked:
            return
        try:
            marks = await self.read(store.marks, list(asked))
        except GameError:
            return
        for game_id, mark in marks.items():
            entry = self._entries.get(game_id)
            if entry is None or entry.game is None or entry.is_busy or entry.revision != asked[game_id]:
                continue
            if mark == store.mark_of(entry.game):
                entry.confirmed_at = self._loop.time()
            else:
                with contextlib.suppress(GameError):
                    await self._load(entry)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def call(ask: Callable[[Registry], Awaitable[T]]) -> T:
    """The one way in for code without an event loop: views, admin actions, management commands.

    Within a server the registry is the server's own, so its connections hear of the change at once. In a command it is
    made for this call and closed after it; servers then hear through the store.

    Args:
        ask: gets the registry, returns what to await: ``call(lambda registry: registry.view("A9F3QX"))``.

    Raises:
        GameError: what the registry raises.
    """
    return async_to_sync(_call)(ask)


async def _call(ask: Callable[[Registry], Awaitable[T]]) -> T:
    is_borrowed = asyncio.get_running_loop() in Registry._of_loop
    registry = Registry.here()
    try:
        return await ask(registry)
    finally:
        if not is_borrowed:
            await registry.close()
