"""Submissions: changes on their way through the journal, and what comes of each verdict.

What was stored is applied to its live game, announced and answered; what another process was quicker with is judged
again on what that one stored; all else is refused. From the moment a change is handed over it belongs here: a caller
who vanishes alters nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from games.game.changes import Change, RematchStart
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.restoring import begin
from games.layers.broadcast import Broadcast
from games.metrics import figures
from games.protocol import Answer, ErrorCode, GameError, encode
from games.registry.judges import Judges
from games.registry.live_games import LiveGames
from games.registry.pace import Pace
from games.registry.pending import Owner, Pending
from games.registry.receipts import note_turn
from games.registry.turns import ANSWER_WITHIN, Turns
from games.storage.commits import Verdict
from games.storage.entry import Entry
from games.storage.id_lengths import IdLengths
from games.storage.journal import Journal
from games.storage.statements import Storable, Trial

log = logging.getLogger("fourline.registry")

MAX_ATTEMPTS = 5
"""How often a command is judged again after losing to another process, before its caller hears `try_again`."""


class Submissions:
    """What one event loop has handed to its journal.

    Args:
        live_games: to which changes are applied.
        judges: judge a command again.
        turns: end with the verdict.
        broadcast: tells everybody of what is stored.
        id_lengths: looks at the number of games when one is made.
        spawn: runs a coroutine as a task that ends with the event loop's runtime.
        pace: by which turns begin.
    """

    def __init__(
        self,
        live_games: LiveGames,
        judges: Judges,
        turns: Turns,
        broadcast: Broadcast,
        id_lengths: IdLengths,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        pace: Pace,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._live_games = live_games
        self._judges = judges
        self._turns = turns
        self._broadcast = broadcast
        self._id_lengths = id_lengths
        self._spawn = spawn
        self._pace = pace
        self.journal: Journal[Owner] = Journal(self._stored, self._loop)
        self.journal.on_batch = figures.note_batch
        self.on_change: Callable[[LiveGame, Change], None] = lambda game, change: None
        """Called with each game after a change that was stored here; with a new one too."""
        self._is_closed = False

    def submit(self, pending: Pending) -> None:
        """Hand a command's change to the journal; its caller hears of it by ``pending.reply``."""
        pending.journal_entry = Entry(pending.change, pending)
        pending.entry.in_flight = True
        if self._is_closed or not self.journal.submit(pending.journal_entry):
            self._refuse(pending, GameError(ErrorCode.TRY_AGAIN))

    async def store_alone(self, change: NewGame | Trial) -> Verdict:
        """Store what no live game has to judge, and say what became of it."""
        verdict: asyncio.Future[Verdict] = self._loop.create_future()
        entry: Entry[Owner] = Entry(change, verdict)
        if self._is_closed or not self.journal.submit(entry):
            return Verdict.FAILED
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await verdict
        except TimeoutError:
            self.journal.withdraw(entry)
            return Verdict.FAILED

    def adopt(self, new: NewGame) -> LiveGame:
        """Follow up a new game that is stored, in whatever transaction."""
        self._id_lengths.look_if_due()
        game = begin(new)
        self.on_change(game, new)
        return game

    async def close(self) -> None:
        """Store and announce what waits, and end the journal's thread."""
        self._is_closed = True
        await self.journal.close_rows()
        await self._loop.run_in_executor(None, self.journal.close)
        await asyncio.sleep(0)  # the last batch's call into the loop

    # --- verdicts -----------------------------------------------------------------------------------------------

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
            self._live_games.doubt(owner.entry)  # the writer may have failed after it was stored
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
            self.adopt(new)

    def _apply(self, pending: Pending) -> None:
        game, change = pending.game, pending.change
        game.take_in(change)
        figures.stored[change.kind] += 1
        self._live_games.moved_on(pending.entry)
        self._broadcast.announce(change, game.version if change.IS_VERSIONED else None, encode(change.event(game)))
        note_turn(pending.entry, game.number - 1, self._pace.now())
        self.on_change(game, change)
        if isinstance(change, RematchStart) and change.new_game is not None:
            self.adopt(change.new_game)
        if not pending.reply.done():
            pending.reply.set_result((game, None))
        self._turns.end(pending.entry)

    async def _judge_again(self, pending: Pending) -> None:
        """Another process was quicker: load what it stored, and judge the command on that."""
        pending.attempts += 1
        try:
            if pending.attempts > MAX_ATTEMPTS:
                raise GameError(ErrorCode.TRY_AGAIN)
            await self._live_games.load(pending.entry)
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
            self.submit(pending)

    def _refuse(self, pending: Pending, refusal: GameError) -> None:
        pending.entry.in_flight = False
        if not pending.reply.done():
            pending.reply.set_exception(refusal)
        self._turns.end(pending.entry)
