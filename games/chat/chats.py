"""The chat of one event loop: its conversations, the lines on their way to the store, and what other processes say.

A line is stored, then announced to the series' group. An announcement may be lost: a room's numbers have no gaps, and
every two seconds the store is asked which rooms changed lately.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings

from games.chat import reading, saying
from games.chat.conversation import Connection, Conversation
from games.chat.reading import ChatRead, Question
from games.chat.rules import Pace
from games.chat.saying import Allowed, Stored, Wish
from games.layers.broadcast import CHAT_PEOPLE_GROUP, Broadcast, chat_group_of
from games.layers.messages import ChatSaid, Message
from games.metrics import figures
from games.protocol import ErrorCode, GameError, encode
from games.storage.reader import Ask, Reader
from games.storage.together import Together
from games.storage.writes import Writes

log = logging.getLogger("fourline.chat")

LOOK_EVERY = 2.0
"""Seconds from one question to the store which rooms changed to the next."""
LOOK_EVERY_ALONE = 0.5
"""The same while other processes can't be heard."""
LOOK_BACK = timedelta(seconds=10)
"""How long a line may be on its way from being said to being stored."""
STORE_EVERY = 0.2
"""Seconds from one batch of lines to the next: moves come first, so lines are gathered; SQLite syncs each to disk."""
MOST_ON_THEIR_WAY = 200
"""Lines of all connections that wait to be stored; more are refused."""
MOST_PACES = 10_000
"""People and rooms whose lines are counted; beyond it those that are quiet are forgotten."""


class Chats:
    """The chat of one event loop.

    Args:
        broadcast: announces lines.
        reader: asks the store.
        writes: stores lines.
        now: the store's time.
    """

    def __init__(self, broadcast: Broadcast, reader: Reader, writes: Writes, now: Callable[[], datetime]) -> None:
        self._loop = asyncio.get_running_loop()
        self._broadcast = broadcast
        self._reader = reader
        self._writes = writes
        self._now = now
        self._rooms: Together[Question, ChatRead] = Together(reader.ask, reading.read_all)
        self._judged: Together[Wish, Allowed] = Together(reader.ask, saying.judge_all)
        self._stored: Together[Allowed, Stored] = Together(cast(Ask, self._store), saying.store_all)
        self._store_at = float("-inf")
        self._on_their_way = 0
        self._paces: dict[object, Pace] = {}
        self._open: set[Conversation] = set()
        self._of_series: dict[str, set[Conversation]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []

    # --- conversations ------------------------------------------------------------------------------------------

    def join(self, connection: Connection, channel: str, game_id: str, player_id: int | None) -> Conversation:
        """Begin the chat of a connection that has had its first snapshot; it reads once it knows what it follows.

        Args:
            connection: hears it.
            channel: the connection's on the layer.
            game_id: beside which game.
            player_id: whose it is; None for somebody who is not signed in.
        """
        conversation = Conversation(self, connection, channel, game_id, player_id)
        self._open.add(conversation)
        if not self._tasks:
            self._tasks = [self._loop.create_task(work) for work in (self._look_for_ever(), self._hear_of_people())]
        return conversation

    async def leave(self, conversation: Conversation) -> None:
        """The connection is over."""
        self._open.discard(conversation)
        await conversation.close()
        series_id = conversation.series_id
        if series_id is not None:
            here = self._of_series[series_id]
            here.discard(conversation)
            if not here:
                del self._of_series[series_id]
            await self._broadcast.layer.group_discard(chat_group_of(series_id), conversation.channel)

    async def hear(self, conversation: Conversation) -> None:
        """Have a conversation hear what is said in its series."""
        series_id = conversation.series_id
        if series_id is not None:
            self._of_series[series_id].add(conversation)
            await self._broadcast.layer.group_add(chat_group_of(series_id), conversation.channel)

    async def read(self, question: Question) -> ChatRead:
        """What somebody may read beside a game.

        Raises:
            GameError: ``try_again``, the store doesn't answer; ``game_not_found``.
        """
        return await self._rooms.ask(question)

    async def close(self) -> None:
        """Hear no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- saying -------------------------------------------------------------------------------------------------

    def admit(self, player_id: int, room: object) -> None:
        """Count a line of somebody's.

        Args:
            player_id: whose.
            room: what tells the room from others.

        Raises:
            GameError: ``chat_unavailable``, nobody chats here; ``rate_limited``, it is one too many; ``try_again``.
        """
        if not settings.CHAT:
            raise GameError(ErrorCode.CHAT_UNAVAILABLE, "There is no chat on this site.")
        if self._on_their_way >= MOST_ON_THEIR_WAY:
            raise GameError(ErrorCode.TRY_AGAIN)
        now, of_room = self._loop.time(), self._pace(room, settings.CHAT_LINES_PER_ROOM_PER_10_S)
        if not of_room.take(now):
            raise saying.too_often("Many people talk here just now. Wait a little.")
        if not self._pace(player_id, settings.CHAT_LINES_PER_USER_PER_10_S).take(now):
            of_room.give_back()
            raise saying.too_often(saying.FLOOD)

    def give_back(self, player_id: int) -> None:
        """A line that was counted could not be stored."""
        self._pace(player_id, settings.CHAT_LINES_PER_USER_PER_10_S).give_back()

    async def say(self, question: Question, text: str, is_preset: bool) -> None:
        """Store and announce a line.

        Args:
            question: who says it, and beside which game.
            text: as `games.chat.rules.read` gave it.
            is_preset: whether it is one.

        Raises:
            GameError: ``chat_unavailable``, ``rate_limited``, or ``try_again``: it is not known to be stored.
        """
        if question.player_id is None:
            raise GameError(ErrorCode.CHAT_UNAVAILABLE)
        self._on_their_way += 1
        try:
            wish = Wish(question.game_id, question.player_id, text, is_preset, self._now())
            await self._stored.ask(await self._judged.ask(wish))
        finally:
            self._on_their_way -= 1

    def _pace(self, key: object, most: int) -> Pace:
        pace = self._paces.get(key)
        if pace is None:
            if len(self._paces) >= MOST_PACES:
                now = self._loop.time()
                self._paces = {known: kept for known, kept in self._paces.items() if not kept.forget(now)}
            pace = self._paces[key] = Pace(most)
        return pace

    async def _store(
        self, store: Callable[..., list[Stored | Exception]], wishes: list[Allowed]
    ) -> list[Stored | Exception]:
        """Store a batch of lines and announce them, whether their authors are still there."""
        await asyncio.sleep(self._store_at - self._loop.time())
        self._store_at = self._loop.time() + STORE_EVERY
        found = await self._writes.do(store, wishes)
        for line in found:
            if isinstance(line, Stored):
                self._announce(line)
        return found

    def _announce(self, line: Stored) -> None:
        said = line.allowed
        figures.lines["muted" if said.is_shadow else said.kind.value] += 1
        message: ChatSaid = {
            "type": "chat.said", "room": said.kind.value, "number": line.number, "by": said.wish.player_id,
            "is_shadow": said.is_shadow, "is_over": said.is_over, "text": encode(line.event()),
        }  # fmt: skip
        self._broadcast.send(chat_group_of(said.series_id), message)

    # --- what happens elsewhere ---------------------------------------------------------------------------------

    def lines_deleted(self, series_id: str) -> None:
        """Lines of a series were deleted, in the store: tell who has read them."""
        self._broadcast.send(chat_group_of(series_id), {"type": "chat.changed"})

    def person_changed(self, player_id: int) -> None:
        """Somebody has chosen something about chat, in the store: tell their connections."""
        self._broadcast.send(CHAT_PEOPLE_GROUP, {"type": "chat.person", "player": player_id})

    async def _hear_of_people(self) -> None:
        layer = self._broadcast.layer
        channel = await layer.new_channel()
        try:
            await layer.group_add(CHAT_PEOPLE_GROUP, channel)
            while True:
                self._hear_of_person(await layer.receive(channel))
        finally:
            await layer.group_discard(CHAT_PEOPLE_GROUP, channel)
            layer.forget_channel(channel)

    def _hear_of_person(self, message: Message) -> None:
        player_id = message["player"] if message["type"] == "chat.person" else None
        for conversation in self._open:
            if player_id is None or conversation.question.player_id == player_id:
                conversation.renew()

    async def _look_for_ever(self) -> None:
        """Ask the store which rooms changed, in case that was not heard."""
        since = self._now() - LOOK_BACK
        while True:
            await asyncio.sleep(LOOK_EVERY_ALONE if self._broadcast.is_cut_off else LOOK_EVERY)
            asked_at = self._now()
            try:
                for changed in await self._reader.ask(reading.changed_since, since) if self._of_series else ():
                    for conversation in self._of_series.get(changed.series_id, ()):
                        conversation.doubt(changed)
            except GameError:  # the store is away, and the log says so already
                continue
            except Exception:  # nothing may end this for good
                log.exception("looking for lines failed")
                continue
            since = asked_at - LOOK_BACK
