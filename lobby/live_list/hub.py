"""The lobby's hub: one for each event loop, however many lobbies are open.

It hears which games changed (a hint on the layer), reads only those, compares them with what is listed, and hands the
difference to every listener, at most four times a second, each event encoded once. What changes by time alone (its
maker has gone, or nobody has moved for long) is found by a look at the lists every few seconds, by one process for all
(`lobby.live_list.sharing`); so an announcement that is lost costs those few seconds. It works only while somebody
listens.
"""

import asyncio
import contextlib
import logging
from typing import ClassVar
from weakref import WeakKeyDictionary

from django.utils import timezone

from games import protocol
from games.layers.broadcast import LOBBY_GROUP
from games.layers.messages import Message
from games.protocol import GameError, LobbySnapshot
from games.runtime import Runtime
from lobby.live_list import listing, sharing
from lobby.live_list.audience import Audience, hand_out
from lobby.live_list.counts import Counting
from lobby.live_list.featured import Featuring
from lobby.live_list.hearing import RETRY_INTERVAL, hear_for_ever
from lobby.live_list.listener import Listener
from lobby.live_list.listing import Known, Question
from lobby.live_list.news import View, differing, frames_between, listed
from lobby.live_list.survey import PLAYING, WAITING
from lobby.pairing.desk import Desk

log = logging.getLogger("fourline.lobby")

FLUSH_INTERVAL = 0.25
"""Seconds between flushes, at least."""
BUSY_SHARE = 4
"""A flush that took long is followed by a pause so many times as long: many lobbies must not slow the games."""
LONGEST_PAUSE = 0.75
"""Seconds. A change shows within a second, however many lobbies are open."""
FRAME_SECONDS = 20e-6
"""What sending a frame costs the loop, about."""
REVIEW_INTERVAL = 3.0
"""Seconds between looks at the own games of everybody who listens."""
MAX_CHANGED = 400
"""Games that are looked at because they changed. More at once, and the lists are looked at instead."""


class Hub:
    """What is listed, for all lobbies of one event loop. Get it with `Hub.here`."""

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Hub"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._audience = Audience()
        self._desk = Desk.here()
        self._desk.on_told = self._audience.tell
        self._counting = Counting(self._playing, self._audience.count)
        self._featuring = Featuring(lambda game_id: Runtime.here().attendance.of(game_id).spectators)
        self._known = Known()
        self._public: View = {}
        self._public_snapshot = ""
        self.flushes = 0
        """How often what is known was brought up to date. A snapshot and what led to it bear the same number."""
        self._is_current = False
        self._changed: set[str] = set()
        self._moved: set[str] = set()
        self._stirred = asyncio.Event()
        self._survey_at = self._review_at = 0.0
        self._reading = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def here(cls) -> "Hub":
        """The hub of the running event loop, made on first use."""
        loop = asyncio.get_running_loop()
        hub = cls._of_loop.get(loop)
        if hub is None:
            hub = cls._of_loop[loop] = cls()
        return hub

    # --- listeners ----------------------------------------------------------------------------------------------

    def join(self, player_id: int | None, has_lists: bool = True) -> Listener:
        """Make a listener; `admit` it before it is asked for frames, and let it `leave` in any case.

        Args:
            player_id: whose own games to tell of too; None for nobody's.
            has_lists: whether to tell of games at all, or only of what concerns the person.
        """
        listener = Listener(self, player_id, has_lists)
        self._audience.add(listener)
        if player_id is not None:
            self._desk.people.join(player_id)
        return listener

    async def admit(self, listener: Listener) -> None:
        """Know enough for this listener's first snapshot.

        Raises:
            GameError: ``try_again``, the store doesn't answer.
        """
        if not self._tasks:
            await self._start()
        if listener.player_id is not None:
            await self._desk.learn(listener.player_id)
        if listener.has_lists:
            await self._know_lists(listener)
        listener.open(self._counting.frame)

    async def _know_lists(self, listener: Listener) -> None:
        async with self._reading:
            is_unknown = listener.player_id is not None and listener.player_id not in self._known.mine
            if not self._is_current:
                self._look_at_everything()
            if not self._is_current or is_unknown:
                await self._read()

    def leave(self, listener: Listener) -> None:
        """A listener is gone. Nothing happens when it had left before."""
        if listener not in self._audience:
            return
        self._audience.remove(listener)
        if listener.player_id is not None:
            self._desk.leave(listener.player_id)
        if not self._audience:
            self._stop()

    def snapshot(self, player_id: int | None, has_lists: bool = True) -> LobbySnapshot:
        """The lobby as this person sees it, as of the last flush.

        Args:
            player_id: who; None for somebody who is not signed in.
            has_lists: whether with games, or only with what concerns the person.
        """
        standing = self._desk.people.of(player_id)
        known = self._known if has_lists else Known()
        games = known.games
        return LobbySnapshot(
            waiting=[games[pk] for pk in WAITING.shown(known.waiting) if pk in self._public],
            playing=[games[pk] for pk in PLAYING.shown(known.playing) if pk in self._public],
            mine=list(known.own_of(player_id).values()),
            waiting_count=known.waiting.count,
            playing_count=known.playing.count,
            seek=standing.seek,
            paired=standing.paired,
            challenges=list(standing.challenges.values()),
            featured=self._featuring.game if has_lists else None,
        )

    def snapshot_text(self, player_id: int | None, has_lists: bool = True) -> str:
        """`snapshot` as the text of its frame; encoded once a flush for everybody with nothing of their own."""
        has_own = player_id is not None and (self._known.mine.get(player_id) or self._desk.people.of(player_id).is_told)
        if has_own or not has_lists:
            return protocol.encode(self.snapshot(player_id, has_lists))
        if not self._public_snapshot:
            self._public_snapshot = protocol.encode(self.snapshot(None))
        return self._public_snapshot

    def _playing(self) -> int | None:
        return self._known.playing.count if self._is_current and self._audience.has_lists else None

    # --- working ------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        self._survey_at = self._review_at = self._loop.time() + REVIEW_INTERVAL
        subscribed: asyncio.Future[None] = self._loop.create_future()
        self._tasks = [
            self._loop.create_task(hear_for_ever(self._take_hint, subscribed)),
            self._loop.create_task(self._flush_for_ever()),
            self._loop.create_task(self._counting.count_for_ever()),
        ]
        # Subscribe before reading, so that a change in between is heard.
        await asyncio.wait([subscribed], timeout=RETRY_INTERVAL)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._known, self._public, self._public_snapshot, self._is_current = Known(), {}, "", False
        self._featuring.forget()
        self._changed.clear()
        self._moved.clear()

    def _take_hint(self, message: Message) -> None:
        """What the layer brings: games that changed or moved on, or what another process's look found."""
        if message["type"] == "games.changed":
            self._changed.update(message["ids"])
            self._moved.update(message["moved"])
        elif message["type"] == "lobby.looked":
            self._survey_at = self._loop.time() + sharing.until_next_look()
            self._known = sharing.with_counts(self._known, message)
            self._changed |= sharing.in_doubt(self._known, message)
        elif message["type"] == "people.told":
            self._desk.hear(message)
        elif message["type"] == "lobby.counted":
            self._counting.hear(message)
        else:
            self._look_at_everything()  # The layer dropped something.
            self._desk.doubt()
        if self._changed or self._moved or self._survey_at == 0.0:
            self._stirred.set()

    def _look_at_everything(self) -> None:
        self._survey_at = self._review_at = 0.0

    async def _flush_for_ever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(self._survey_at, self._review_at)):
                    await self._stirred.wait()
            started = self._loop.time()
            sending = await self._flush() * FRAME_SECONDS
            busy = self._loop.time() - started + sending
            await asyncio.sleep(min(max(FLUSH_INTERVAL, BUSY_SHARE * busy), LONGEST_PAUSE))

    async def _flush(self) -> int:
        """Bring every lobby up to date; how many frames that took."""
        try:
            async with self._reading:
                return await self._read()
        except GameError:  # the store is away, and the log says so already
            self._survey_at = self._review_at = self._loop.time() + RETRY_INTERVAL
        except Exception:
            log.exception("the lobby could not be read")
            self._survey_at = self._review_at = self._loop.time() + REVIEW_INTERVAL
        return 0

    async def _read(self) -> int:
        """Look into the store and tell everybody the difference; how many frames. With `_reading` held."""
        question = self._question()
        if not self._audience.has_lists:
            self._is_current = False  # nobody looks: whoever comes has everything looked at
            return 0
        is_choosing = question.watched is not None
        if not (question.changed or question.is_survey or question.anew(self._known) or is_choosing):
            return 0
        try:
            after = await Runtime.here().reader.ask(listing.catch_up, self._known, question, timezone.now())
        except BaseException:
            self._changed |= question.changed
            raise
        if question.is_survey:
            self._is_current = True
            Runtime.here().broadcast.send_elsewhere(LOBBY_GROUP, sharing.finding(after))
        return await hand_out(self._take_in(after), self.flushes)

    def _question(self) -> Question:
        """What there is to look for; games that changed and moved are forgotten with it."""
        now = self._loop.time()
        changed = self._changed | {pk for pk in self._moved if self._known.concerns(pk)}
        is_too_much = len(changed) > MAX_CHANGED
        if is_too_much:
            changed &= self._known.games.keys()
        self._changed, self._moved = set(), set()
        self._stirred.clear()
        is_survey, is_review = is_too_much or now >= self._survey_at, is_too_much or now >= self._review_at
        if is_survey:
            self._survey_at = now + sharing.until_next_look()
        if is_review:
            self._review_at = now + REVIEW_INTERVAL
        people, watched = frozenset(self._audience.people), self._featuring.watched(self._known.playing.times)
        return Question(frozenset(changed), is_survey, is_review, people, self._featuring.game_id, watched)

    # --- telling ------------------------------------------------------------------------------------------------

    def _take_in(self, after: Known) -> list[tuple[Listener, list[str]]]:
        """Go from one state to the next, without an await between; what each listener is to hear of it."""
        self.flushes += 1
        before, self._known = self._known, after
        public_before, self._public = self._public, listed(after)
        self._public_snapshot = ""
        public_changes = differing(public_before, self._public)
        texts: dict[tuple[str, str], str] = {}
        for_everybody = frames_between((public_before,), (self._public,), public_changes, texts)
        for_people: dict[int | None, list[str]] = {}
        for player_id in self._audience.people:
            mine_before, mine = before.own_of(player_id), after.own_of(player_id)
            if mine or mine_before:
                changes = public_changes | differing(mine_before, mine)
                views = (mine_before, public_before), (mine, self._public)
                for_people[player_id] = frames_between(*views, changes, texts)
        everybody = [listener for listener in self._audience if listener.has_lists]
        featured = self._featuring.take_in(after.games.get(after.featured or ""), self._public)
        if featured is not None:
            for frames in (for_everybody, *for_people.values()):
                frames.append(featured)
        news = [(listener, for_people.get(listener.player_id, for_everybody)) for listener in everybody]
        return [(listener, frames) for listener, frames in news if frames]
