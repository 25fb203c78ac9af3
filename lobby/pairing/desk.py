"""The desk: where people ask to be paired, one for each event loop.

Who comes is written down and committed first, and only then are partners looked for; so of two who come at the same
instant, in whichever processes, at least one sees the other. Everybody who seeks is looked at again each second. The
store decides (`lobby.pairing.seeks`): what is told here is told after it.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar
from weakref import WeakKeyDictionary

import msgspec
from django.conf import settings

from games.access.quotas import OverLimit, Quota, quotas
from games.game.commands import Abort
from games.game.people import HOUSE, Participant
from games.layers.broadcast import LOBBY_GROUP
from games.layers.messages import PeopleTold
from games.protocol import ChallengeEnded, ChallengeResult, GameError, GameObject, Seek, SeekObject
from games.rules.time_controls import Countdown
from games.runtime import Runtime
from games.storage.together import Together
from lobby.pairing import blocks, pairings, personal, seeks
from lobby.pairing.matching import Seeker
from lobby.pairing.people import By, People, Told
from lobby.pairing.personal import CHALLENGE_ANSWERED, CHALLENGE_ENDED, CHALLENGED, OPENED, PAIRED, SEEK, News
from lobby.pairing.seeks import Wish

log = logging.getLogger("fourline.pairing")

LOOK_EVERY = 1.0
"""Seconds between looks for everybody who seeks here, at most; processes don't keep step."""
REVIEW_EVERY = 15.0
"""Seconds between looks at how everybody here stands: news may have been lost."""
PAIRS_AT_ONCE = 4
"""Pairs in one transaction: a few milliseconds."""
PEOPLE_AT_ONCE = 200
MEANWHILE_WITHIN = timedelta(seconds=5)
"""Who has paired people ends their games against the computer; later than this others do."""

T = TypeVar("T")


class Desk:
    """Pairs the people of one event loop with each other and with those of others."""

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Desk"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.people = People()
        self.on_told: Callable[[Told], None] = lambda told: None
        """Called with what somebody who is connected here is to hear."""
        self._puts: Together[Wish, SeekObject | str] = Together(Runtime.here().writes.do, seeks.put_all)
        self._newcomers: set[int] = set()
        self._stirred = asyncio.Event()
        self._look_at = self._put_off_at = 0.0
        self._review_at = self._loop.time() + REVIEW_EVERY
        self._worker: asyncio.Task[None] | None = None
        self._noting: set[asyncio.Task[None]] = set()

    @classmethod
    def here(cls) -> "Desk":
        """The desk of the running event loop, made on first use."""
        loop = asyncio.get_running_loop()
        desk = cls._of_loop.get(loop)
        if desk is None:
            desk = cls._of_loop[loop] = cls()
        return desk

    # --- who is here --------------------------------------------------------------------------------------------

    async def learn(self, player_id: int) -> None:
        """Know what concerns somebody who is connected here.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        await self.people.learn(player_id)
        if self._worker is None or self._worker.done():
            self._worker = self._loop.create_task(self._work_for_ever())
        if player_id in self.people.seeking:  # they have come back, or with another connection
            self._stir(player_id)

    def leave(self, player_id: int) -> None:
        """One of somebody's connections is gone; a seek outlives the last one a little."""
        if self.people.leave(player_id):
            runtime = Runtime.here()
            runtime.writes.offer(seeks.put_off, [player_id], runtime.store_time.now() + seeks.GRACE)
        if not self.people and self._worker is not None:
            self._worker.cancel()
            self._worker = None

    # --- what people ask ----------------------------------------------------------------------------------------

    async def seek(self, player_id: int, command: Seek, by: By) -> None:
        """Have somebody paired as soon as there is a partner.

        Args:
            player_id: who asks.
            command: for which game.
            by: the connection that asks.

        Raises:
            GameError: ``not_rated``, ``rate_limited``, or ``try_again``: it is not known to be stored.
        """
        wait = quotas.buckets.take(Quota("seeks", settings.SEEKS_PER_USER_PER_MINUTE, 60.0), f"user {player_id}")
        if wait:
            raise OverLimit("You have asked for many games within the minute. Wait a little.", wait)
        control = Countdown(command.time_control.initial, command.time_control.increment)
        here = Runtime.here()
        wish = Wish(player_id, control, command.rated, command.rating_range, here.store_time.now())
        standing = await self._puts.ask(wish._replace(rating=await here.reader.ask(seeks.rating_of, wish)))
        if isinstance(standing, str):
            self._publish([(player_id, PAIRED, standing)], by)
        else:
            self._publish([(player_id, SEEK, msgspec.to_builtins(standing))], by)
            self._stir(player_id)

    async def cancel(self, player_id: int, by: By) -> None:
        """End somebody's seek.

        Args:
            player_id: who asks.
            by: the connection that asks.

        Raises:
            GameError: ``try_again``, it is not known to be over.
        """
        await Runtime.here().writes.do(seeks.end, player_id)
        self._publish([(player_id, SEEK, None)], by)

    def opened(self, player_id: int, game_id: str) -> None:
        """Somebody is in a game: if they were paired into it, they need not be told any more."""
        if self.people.was_paired(game_id):
            self._begin(self._note_opened(player_id, game_id))

    async def _note_opened(self, player_id: int, game_id: str) -> None:
        with contextlib.suppress(GameError):  # they are told once more, then
            await Runtime.here().writes.do(pairings.note_opened, player_id, game_id)
            self._publish([(player_id, OPENED, game_id)])

    def challenge(self, game: GameObject, maker_id: int, invited_id: int) -> None:
        """Somebody has challenged somebody: tell whom it is for, unless one of the two has blocked the other."""
        self._begin(self._tell_challenge(game, maker_id, invited_id))

    def challenge_ended(self, game_id: str, result: ChallengeResult, maker: Participant, invited: Participant) -> None:
        """A challenge is over: tell both.

        Args:
            game_id: the game's.
            result: what became of it.
            maker: who made it.
            invited: whom it was for.
        """
        bots = [person.name for person in (maker, invited) if person.bot] or msgspec.UNSET
        event = ChallengeEnded(id=game_id, result=result, participant1=maker.name, invited=invited.name, bots=bots)
        told = msgspec.to_builtins(event)
        self._publish([(maker.player_id, CHALLENGE_ANSWERED, told), (invited.player_id, CHALLENGE_ENDED, told)])

    async def _tell_challenge(self, game: GameObject, maker_id: int, invited_id: int) -> None:
        with contextlib.suppress(GameError):  # whom it is for hears of it by the next look
            if not await Runtime.here().reader.ask(blocks.among, {maker_id, invited_id}):
                self._publish([(invited_id, CHALLENGED, msgspec.to_builtins(game))])

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    # --- telling ------------------------------------------------------------------------------------------------

    def hear(self, message: PeopleTold) -> None:
        """A process tells of people (`lobby.pairing.people`)."""
        for told in self.people.hear(message):
            self.on_told(told)

    def doubt(self) -> None:
        """News may have been lost: find out how everybody here stands."""
        self._review_at = 0.0
        self._stirred.set()

    def _publish(self, news: Iterable[News], by: By | None = None) -> None:
        """Tell all processes, this one at once."""
        message = self.people.message(news, by)
        for told in self.people.hear(message, is_own=True):
            self.on_told(told)
        Runtime.here().broadcast.send(LOBBY_GROUP, message)

    # --- working ------------------------------------------------------------------------------------------------

    def _stir(self, player_id: int) -> None:
        self._newcomers.add(player_id)
        self._stirred.set()

    async def _work_for_ever(self) -> None:
        """Look for partners of newcomers at once, and of everybody each second."""
        while True:
            look_at = self._look_at if self.people.seeking else float("inf")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(look_at, self._review_at)):
                    await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._work()
            except GameError:  # the store is away, and the log says so already; in a second they are looked at again
                await asyncio.sleep(LOOK_EVERY / 4)
            except Exception:
                log.exception("people could not be paired")
                await asyncio.sleep(LOOK_EVERY)

    async def _work(self) -> None:
        now = self._loop.time()
        newcomers, self._newcomers = self._newcomers & self.people.seeking, set()
        if now >= self._review_at:
            self._review_at = now + REVIEW_EVERY
            await self._review(self.people.known)
            await self._end_games_meanwhile(None, Runtime.here().store_time.now() - MEANWHILE_WITHIN)
        if now >= self._look_at:
            self._look_at = now + random.uniform(0.7, 1.0) * LOOK_EVERY  # noqa: S311  nothing secret
            await self._put_off()
            await self._look(frozenset(self.people.seeking), is_complete=True)
        elif newcomers:
            await self._look(frozenset(newcomers), is_complete=False)

    async def _look(self, focus: frozenset[int], is_complete: bool) -> None:
        """Look for partners of some people who seek here; see, of all, what became of seeks that are gone."""
        found_seeks = [self.people.of(player_id).seek for player_id in focus]
        controls = [seek.time_control for seek in found_seeks if seek is not None]
        initials = {control.initial for control in controls if isinstance(control.initial, int)}
        if not initials:
            return
        runtime = Runtime.here()
        found = await runtime.reader.ask(seeks.look, focus, initials, runtime.store_time.now())
        paired = await self._pair(found.pairs)
        if is_complete:
            await self._end(found.over)
            await self._review(focus - found.alive - paired)

    async def _pair(self, pairs: list[tuple[Seeker, Seeker]]) -> set[int]:
        """Pair people, a few at a time; who was."""
        runtime, paired = Runtime.here(), set[int]()
        for some in _some(pairs, PAIRS_AT_ONCE):
            now = runtime.store_time.now()
            for game in await runtime.creation.create_within(partial(seeks.pair_all, some, now)):
                both = [person.player_id for person in (game.participant1, game.participant2) if person is not None]
                paired |= {*both}
                self._publish([(player_id, PAIRED, game.id) for player_id in both])
        if paired:
            await self._end_games_meanwhile(paired, runtime.store_time.now())
        return paired

    async def _end_games_meanwhile(self, player_ids: Collection[int] | None, before: datetime) -> None:
        """End what people played against the computer until somebody came.

        That they are to end is stored with the pairing: what fails here, or dies, is done at the next review.
        """
        runtime, ended = Runtime.here(), list[int]()
        for player_id, games in (await runtime.reader.ask(pairings.games_meanwhile, player_ids, before)).items():
            with contextlib.suppress(GameError):  # the store is slow: later
                for game_id in games:
                    await runtime.registry.run(game_id, HOUSE, Abort("Somebody came to play."))
                ended.append(player_id)
        if ended:
            await runtime.writes.do(pairings.note_ended, ended, before)

    async def _put_off(self) -> None:
        """Whoever is connected here goes on to seek."""
        if self._loop.time() < self._put_off_at:
            return
        self._put_off_at = self._loop.time() + seeks.PUT_OFF_EVERY.total_seconds() - LOOK_EVERY / 2
        runtime = Runtime.here()
        until = runtime.store_time.now() + seeks.PUT_OFF_EVERY + seeks.GRACE
        for some in _some(sorted(self.people.seeking), PEOPLE_AT_ONCE):
            await runtime.writes.do(seeks.put_off, some, until)

    async def _end(self, over: Collection[int]) -> None:
        """End the seeks of people who are gone."""
        if over:
            runtime = Runtime.here()
            ended = await runtime.writes.do(seeks.end_over, over, runtime.store_time.now())
            self._publish([(player_id, SEEK, None) for player_id in ended])

    async def _review(self, doubtful: Iterable[int]) -> None:
        """Find out how people stand of whom news may have been lost, and tell them."""
        runtime = Runtime.here()
        for some in _some(sorted(doubtful), PEOPLE_AT_ONCE):
            before = self.people.changes(some)
            stored = await runtime.reader.ask(personal.read, some, runtime.store_time.now())
            message = self.people.message(self.people.differing(stored, before))
            for told in self.people.hear(message, is_own=True):
                self.on_told(told)


def note_arrival(player_id: int, game_id: str) -> None:
    """A participant has connected to a game; see `Desk.opened`."""
    Desk.here().opened(player_id, game_id)


def _some(items: list[T], most: int) -> Iterator[list[T]]:
    """A list, so many at a time."""
    return (items[start : start + most] for start in range(0, len(items), most))
