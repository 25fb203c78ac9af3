"""The registry: a process's dictionary from game ID to live game, and the one way to change any of them.

``Registry.run`` is the way of a command, whoever asks: take its turn, judge it on the live game, hand the change
over to be stored, applied and announced, and answer.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from games.game.commands import Command
from games.game.live import LiveGame
from games.game.new_game import AS_USUAL, NewGame, Terms
from games.game.people import Asker, Participant, RatingShown
from games.game.restoring import begin
from games.layers.broadcast import Broadcast
from games.metrics import figures
from games.protocol import Answer, ErrorCode, GameError
from games.registry.catching_up import CatchingUp
from games.registry.judges import Judges
from games.registry.live_entry import Received
from games.registry.live_games import LiveGames
from games.registry.pace import Pace
from games.registry.pending import Pending, Reply
from games.registry.receipts import first_received, note_failed
from games.registry.submissions import Submissions
from games.registry.turns import ANSWER_WITHIN, Deadlines, Turns
from games.rules.ids import new_game_id
from games.storage.commits import Verdict
from games.storage.id_lengths import IdLengths
from games.storage.reader import Reader
from games.storage.statements import Trial

log = logging.getLogger("fourline.registry")

AT_ONCE = 0.005
"""Seconds: a command that has waited for less counts from now."""
MAX_DRAWS = 5
"""How many IDs are tried for a new game before its maker hears `try_again`."""


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
        self.now = now
        self._deadlines = Deadlines()
        self.pace = Pace(self._loop.time)
        self.pace.start(self._loop)
        self.live_games = LiveGames(reader.ask, broadcast, spawn, self.pace)
        self.alone_for: Callable[[str, int], float | None] = lambda game_id, seat: None
        """Says of a game and a seat for how long the other side has been away."""
        self.find_alone: Callable[[str, int], Awaitable[float | None]] = _nobody_knows
        """Finds out the same from the store."""
        self._judges = Judges(
            self.live_games,
            lambda game_id, seat: self.alone_for(game_id, seat),
            lambda game_id, seat: self.find_alone(game_id, seat),
        )
        self._turns = Turns(self.live_games, self._deadlines)
        self._id_lengths = IdLengths(reader.ask, spawn)
        self.submissions = Submissions(
            self.live_games, self._judges, self._turns, broadcast, self._id_lengths, spawn, self.pace
        )
        self.journal = self.submissions.journal
        self.catching_up = CatchingUp(self.live_games, reader.ask, broadcast)
        spawn(self.catching_up.run())

    # --- what callers ask ---------------------------------------------------------------------------------------

    async def create(
        self,
        participant: Participant,
        terms: Terms = AS_USUAL,
        most_waiting: int | None = None,
        rating: RatingShown | None = None,
        participant2: Participant | None = None,
    ) -> LiveGame:
        """Make a game.

        Args:
            participant: who makes it.
            terms: how it is to be.
            most_waiting: how many of their games may wait, this one among them; None for any number.
            rating: theirs, where they have one.
            participant2: whom it is against: it is in progress at once. None: it waits for participant 2.

        Returns:
            The game, stored.

        Raises:
            GameError: ``try_again``, it could not be stored, or as many wait already.
        """
        first = 1 + secrets.randbelow(2) if terms.first_move == "random" else int(terms.first_move)
        self._id_lengths.look_if_due()
        for _ in range(MAX_DRAWS):
            now, starts = self.now(), participant2 is not None
            new = NewGame(
                new_game_id(), participant, first, terms.visibility, now, participant2, now if starts else None,
                takebacks=terms.takebacks and not terms.rated, time_control=terms.time_control,
                opening=terms.opening, opening_moves=terms.opening.draw() if starts else "",
                most_waiting=most_waiting, rated=terms.rated, ratings=(rating, None),
                invited=terms.invited,
            )  # fmt: skip
            verdict = await self.submissions.store_alone(new)
            if verdict is Verdict.STORED:
                figures.stored["create"] += 1
                return begin(new)
            if verdict is Verdict.FAILED:
                break
        raise GameError(ErrorCode.TRY_AGAIN)

    async def run(
        self,
        game_id: str,
        asker: Asker,
        command: Command,
        trusted_lag_ms: int | None = None,
        waited_s: float = 0.0,
    ) -> Reply:
        """Run a command: judge, store, apply, announce.

        Args:
            game_id: canonical.
            asker: who asks.
            command: what is asked.
            trusted_lag_ms: the asker's round trip as the server has measured it; None where it can't.
            waited_s: for how many seconds the command has been here, behind others of its connection.

        Returns:
            The game after it, and an answer for the asker alone where what was asked was recorded already.

        Raises:
            GameError: refused, with the contract's code; ``game_not_found`` where there is no such game; ``try_again``
                when it is not known to be stored within `ANSWER_WITHIN` seconds.
        """
        entry = self.live_games.use(game_id)
        received = first_received(entry, asker, command, self.receive(trusted_lag_ms, waited_s))
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
            self.submissions.submit(pending)
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

    def receive(self, trusted_lag_ms: int | None = None, waited_s: float = 0.0) -> Received:
        """This moment, as a command has it that comes now.

        Args:
            trusted_lag_ms: the asker's round trip, where it is measured.
            waited_s: for how many seconds it has been here already.
        """
        if waited_s < AT_ONCE:
            return Received(self.now(), self.pace.now(), trusted_lag_ms)
        return Received(self.now() - timedelta(seconds=waited_s), self.pace.ago(waited_s), trusted_lag_ms)

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
        return await self.submissions.store_alone(Trial())

    async def settle(self) -> None:
        """Wait, as long as a caller would, until every command under way is answered."""
        end = self._loop.time() + ANSWER_WITHIN
        while self.journal.waiting and self._loop.time() < end:
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Store and announce what waits, and end the journal's thread; nobody may wait for anything more."""
        self.pace.close()
        await self.submissions.close()
        self._deadlines.refuse_all()


async def _nobody_knows(game_id: str, seat: int) -> None:
    return None
