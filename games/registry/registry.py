"""The registry: a process's dictionary from game ID to live game, and the one way to change any of them.

``Registry.run`` is the way of a command, whoever asks: judge it on the live game, hand the change to the journal, and
after the commit apply, announce and answer. From the moment a change is handed over it belongs to the registry: a
caller who vanishes alters nothing.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from games.game.changes import Change, RematchStart
from games.game.commands import Command
from games.game.live import LiveGame
from games.game.new_game import AS_USUAL, NewGame, Terms
from games.game.people import Asker, Participant
from games.game.restoring import begin
from games.layers.broadcast import Broadcast
from games.metrics import figures
from games.protocol import Answer, ErrorCode, GameError, encode
from games.registry.judges import Judges
from games.registry.live_entry import Received
from games.registry.live_games import LiveGames
from games.registry.pace import Pace
from games.registry.pending import Owner, Pending, Reply
from games.registry.receipts import first_received, note_failed, note_turn
from games.registry.turns import ANSWER_WITHIN, Deadlines, Turns
from games.rules.ids import new_game_id
from games.storage.commits import Verdict
from games.storage.id_lengths import IdLengths
from games.storage.journal import Entry, Journal
from games.storage.reader import Reader
from games.storage.statements import Storable, Trial

log = logging.getLogger("fourline.registry")

MAX_ATTEMPTS = 5
"""How often a command is judged again after losing to another process, before its caller hears `try_again`."""


class Registry:
    """The games of one event loop.

    Args:
        reader: reads the store.
        broadcast: tells everybody of what is stored.
        spawn: runs a coroutine as a task that ends with the event loop's runtime.
        now: the time for the log.
    """

    def __init__(
        self,
        reader: Reader,
        broadcast: Broadcast,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._broadcast = broadcast
        self._spawn = spawn
        self.now = now
        self._deadlines = Deadlines()
        self.pace = Pace(self._loop.time)
        self.pace.start(self._loop)
        self.live_games = LiveGames(reader.ask, broadcast, spawn, self.pace)
        self.alone_for: Callable[[str, int], float | None] = lambda game_id, seat: None
        """Says of a game and a seat for how long the other side has been away."""
        self._judges = Judges(self.live_games, lambda game_id, seat: self.alone_for(game_id, seat))
        self._turns = Turns(self.live_games, self._deadlines)
        self.journal: Journal[Owner] = Journal(self._stored, self._loop)
        self.journal.on_batch = figures.note_batch
        self._id_lengths = IdLengths(reader.ask, spawn)
        self.on_change: Callable[[LiveGame, Change], None] | None = None
        """Called with each game after a change that was stored here; with a new one too."""
        self.is_closed = False

    # --- what callers ask ---------------------------------------------------------------------------------------

    async def create(
        self, participant: Participant, terms: Terms = AS_USUAL, most_waiting: int | None = None
    ) -> LiveGame:
        """Make a game that waits for participant 2.

        Args:
            participant: who makes it.
            terms: how it is to be.
            most_waiting: how many of their games may wait, this one among them; None for any number.

        Returns:
            The game, stored.

        Raises:
            GameError: ``try_again``, it could not be stored, or as many wait already.
        """
        first = 1 + secrets.randbelow(2) if terms.first_move == "random" else int(terms.first_move)
        self._id_lengths.look_if_due()
        for _ in range(MAX_ATTEMPTS):
            new = NewGame(
                new_game_id(), participant, first, terms.visibility, self.now(), takebacks=terms.takebacks,
                time_control=terms.time_control, most_waiting=most_waiting,
            )  # fmt: skip
            verdict = await self._store_alone(new)
            if verdict is Verdict.STORED:
                figures.stored["create"] += 1
                return begin(new)
            if verdict is Verdict.FAILED:
                break
        raise GameError(ErrorCode.TRY_AGAIN)

    async def run(self, game_id: str, asker: Asker, command: Command) -> Reply:
        """Run a command: judge, store, apply, announce.

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
        received = first_received(entry, asker, command, self.receive())
        try:
            if entry.is_busy:
                await self._turns.wait(entry)
            entry.is_busy = True
            try:
                game, change = await self._judges.judge_fresh(entry, asker, command, received)
            except BaseException:
                self._turns.end(entry)
                raise
            if isinstance(change, Answer):
                self._turns.end(entry)
                return game, change
            reply: asyncio.Future[Reply] = self._loop.create_future()
            pending = Pending(entry, game, asker, command, received, change, reply, self.journal)
            self._submit(pending)
            # Withdrawn in time or not: where the writer has it already the game stays in doubt, its turn taken, until
            # the verdict comes, and what turns out to be stored is announced then.
            self._deadlines.watch(reply, pending.withdraw)
            return await reply
        except GameError as refusal:
            if refusal.code is ErrorCode.TRY_AGAIN:
                note_failed(entry, asker, command, received, self.pace.now())
            raise
        finally:
            self.live_games.leave(entry)

    def receive(self) -> Received:
        """This moment, as a command has it that comes now."""
        return Received(self.now(), self.pace.now())

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
            return await self.live_games.confirm(entry)
        finally:
            self.live_games.leave(entry)

    async def try_to_write(self) -> Verdict:
        """What becomes of a commit that changes nothing."""
        return await self._store_alone(Trial())

    async def settle(self) -> None:
        """Wait, as long as a caller would, until every command under way is answered."""
        end = self._loop.time() + ANSWER_WITHIN
        while self.journal.waiting and self._loop.time() < end:
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Store and announce what waits, and end the journal's thread; nobody may wait for anything more."""
        self.is_closed = True
        self.pace.close()
        await self._loop.run_in_executor(None, self.journal.close)
        await asyncio.sleep(0)  # the last batch's call into the loop
        self._deadlines.refuse_all()

    # --- judging and storing ------------------------------------------------------------------------------------

    def _submit(self, pending: Pending) -> None:
        pending.journal_entry = Entry(pending.change, pending)
        pending.entry.in_flight = True
        if self.is_closed or not self.journal.submit(pending.journal_entry):
            self._refuse(pending, GameError(ErrorCode.TRY_AGAIN))

    def _stored(self, done: list[tuple[Entry[Owner], Verdict]]) -> None:
        """The journal's call after each batch, in commit order."""
        for entry, verdict in done:
            try:
                self._conclude(entry, verdict)
            except Exception:
                # Whatever announcing it may raise, it must not fall on its neighbours in the batch.
                log.exception("a stored change could not be announced")
                self._drop(entry.owner)

    def _conclude(self, entry: Entry[Owner], verdict: Verdict) -> None:
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

    def _drop(self, owner: Owner) -> None:
        """Trust nothing of a live game any more: the next who asks loads it."""
        if isinstance(owner, Pending):
            owner.entry.game = None
            self._refuse(owner, GameError(ErrorCode.TRY_AGAIN))

    def _created(self, new: Storable, caller: asyncio.Future[Verdict], verdict: Verdict) -> None:
        """A new game, or a trial, is stored or not; its caller may have gone meanwhile."""
        if not caller.done():
            caller.set_result(verdict)
        if verdict is Verdict.STORED and isinstance(new, NewGame):
            self._follow(begin(new), new)

    def _apply(self, pending: Pending) -> None:
        game, change = pending.game, pending.change
        game.take_in(change)
        figures.stored[change.kind] += 1
        self.live_games.moved_on(pending.entry)
        self._broadcast.announce(change, game.version if change.IS_VERSIONED else None, encode(change.event(game)))
        note_turn(pending.entry, game.number - 1, self.pace.now())
        self._follow(game, change)
        if isinstance(change, RematchStart) and change.new_game is not None:
            self._id_lengths.look_if_due()
            self._follow(begin(change.new_game), change.new_game)
        if not pending.reply.done():
            pending.reply.set_result((game, None))
        self._turns.end(pending.entry)

    def _follow(self, game: LiveGame, change: Change) -> None:
        if self.on_change is not None:
            self.on_change(game, change)

    async def _judge_again(self, pending: Pending) -> None:
        """Another process was quicker: load what it stored, and judge the command on that."""
        pending.attempts += 1
        try:
            if pending.attempts > MAX_ATTEMPTS:
                raise GameError(ErrorCode.TRY_AGAIN)
            await self.live_games.load(pending.entry)
            pending.game, change = self._judges.judge(pending.entry, pending.asker, pending.command, pending.received)
        except GameError as refusal:
            self._refuse(pending, refusal)
            return
        except Exception:
            log.exception("game %s: a command could not be judged again", pending.entry.game_id)
            self._drop(pending)
            return
        if isinstance(change, Answer):
            if not pending.reply.done():
                pending.reply.set_result((pending.game, change))
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
        entry: Entry[Owner] = Entry(change, verdict)
        if self.is_closed or not self.journal.submit(entry):
            return Verdict.FAILED
        try:
            return await asyncio.wait_for(verdict, ANSWER_WITHIN)
        except TimeoutError:
            self.journal.withdraw(entry)
            return Verdict.FAILED
