"""One connection's chat: which rooms it reads, what it was told of them, and what it has to say.

Nothing here waits on the connection's own loops, which carry moves: rooms are read, and lines stored, in tasks.
"""

import asyncio
import logging
from collections import deque
from typing import Protocol, cast

from django.conf import settings
from msgspec import UNSET, UnsetType

from games.chat import rules, saying
from games.chat.reading import Changed, ChatRead, Question
from games.chat.rights import May
from games.layers.messages import ChatSaid
from games.protocol import Chat, ChatRoom, CommandId, ErrorCode, GameError, Preset, Say, encode

log = logging.getLogger("fourline.chat")

MOST_WAITING = 10
"""Lines of one connection that wait to be stored."""
MOST_HELD = 200
"""Lines that wait until the room was read; the room's numbers tell where that was not enough."""
READ_AGAIN_AFTER = 1.0
"""Seconds until a room that could not be read is asked for again."""


class Connection(Protocol):
    """What a conversation needs of its connection. Neither raises anything where the client has gone."""

    async def send_if_open(self, text: str) -> None:
        """Send a frame."""

    async def refuse_if_open(self, error: GameError, command_id: CommandId | UnsetType) -> None:
        """Say that a command is refused."""


class House(Protocol):
    """What a conversation needs of its event loop's chats; `games.chat.chats.Chats`."""

    async def read(self, question: Question) -> ChatRead:
        """What somebody may read beside a game; raises `GameError`."""

    async def hear(self, conversation: "Conversation") -> None:
        """Have a conversation hear what is said in its series."""

    async def say(self, question: Question, text: str, is_preset: bool) -> None:
        """Store and announce a line; raises `GameError`."""

    def admit(self, player_id: int, room: object) -> None:
        """Count a line of somebody's in a room; raises `GameError` for one too many."""

    def give_back(self, player_id: int) -> None:
        """That line could not be stored."""


class Conversation:
    """The chat of one connection.

    Args:
        house: of the event loop.
        connection: hears it.
        channel: the connection's on the layer.
        game_id: beside which game.
        player_id: whose connection it is; None for somebody who is not signed in.
    """

    def __init__(self, house: House, connection: Connection, channel: str, game_id: str, player_id: int | None) -> None:
        self._house = house
        self._connection = connection
        self.channel = channel
        self.question = Question(game_id, player_id)
        self.series_id: str | None = None
        """The series whose group it is in, once it is."""
        self._told: dict[ChatRoom, tuple[int, int]] = {}
        """For each room that it reads the last number that it was told, and how often lines had been deleted."""
        self._own: ChatRoom | None = None
        self._unseen: frozenset[int] = frozenset()
        self._is_off = False
        self._may: May = None
        self._last: deque[str] = deque(maxlen=rules.REMEMBERED)
        """What was said last on this connection, the newest first."""
        self._is_wanting = False
        self._reading: asyncio.Task[None] | None = None
        self._is_telling = False
        """Whether rooms are being read and told: what is said meanwhile comes after that."""
        self._held: deque[ChatSaid] = deque(maxlen=MOST_HELD)
        self._to_say: deque[tuple[Say, str]] = deque()
        self._saying: asyncio.Task[None] | None = None
        self._standing: object = None
        self._is_closed = False

    async def close(self) -> None:
        """The connection is over. What its person has said before that is stored all the same."""
        self._is_closed = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    # --- reading ------------------------------------------------------------------------------------------------

    def follow(self, standing: object) -> None:
        """The game has come to where one may read another room: read anew, once for each such standing.

        Args:
            standing: what tells it from others.
        """
        if settings.CHAT and standing != self._standing:
            self._standing = standing
            self._told.clear()  # until it is known what may be read now
            self.renew()

    def renew(self) -> None:
        """Read the rooms anew and tell all that is in them."""
        self._is_wanting = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read_and_tell())

    async def _read_and_tell(self) -> None:
        self._is_telling = True
        try:
            while self._is_wanting:
                self._is_wanting = False
                await self._tell(await self._read())
                while self._held:
                    message = self._held.popleft()
                    if self._is_for_us(message):
                        await self._connection.send_if_open(message["text"])
        except GameError as error:
            if error.code is ErrorCode.TRY_AGAIN:
                asyncio.get_running_loop().call_later(READ_AGAIN_AFTER, self._read_again)
        except Exception:
            log.exception("chat beside game %s could not be told", self.question.game_id)
        finally:
            self._is_telling = False
            self._held.clear()

    def _read_again(self) -> None:
        if not self._is_closed:
            self.renew()

    async def _read(self) -> ChatRead:
        """The rooms, read after they were begun to be heard."""
        found = await self._house.read(self.question)
        if self.series_id is None:
            self.series_id = found.series_id
            await self._house.hear(self)
            found = await self._house.read(self.question)
        return found

    async def _tell(self, found: ChatRead) -> None:
        self._unseen, self._is_off, self._may = found.unseen, found.is_off, found.may
        self._told = {room.kind: (room.last_number, room.revision) for room in found.rooms}
        self._own = found.rooms[0].kind
        for room in found.rooms:
            may = found.may if room.kind is self._own else None
            chat = Chat(room=room.kind, lines=room.lines, may=may, off=found.is_off)
            await self._connection.send_if_open(encode(chat))

    def doubt(self, changed: Changed) -> None:
        """A room stands so in the store: read it where that was not heard."""
        told = self._told.get(changed.kind)
        if told is not None and (told[0] < changed.last_number or told[1] != changed.revision):
            self.renew()

    def takes(self, message: ChatSaid) -> bool:
        """Whether a line is to be forwarded now; where one before it was missed, the room is read anew."""
        if self._is_telling:
            self._held.append(message)
            return False
        return self._is_for_us(message)

    def _is_for_us(self, message: ChatSaid) -> bool:
        kind, number = ChatRoom(message["room"]), message["number"]
        told = self._told.get(kind)
        if told is None or number <= told[0]:
            return False
        if number > told[0] + 1:
            self.renew()
            return False
        self._told[kind] = (number, told[1])
        return self._sees(kind, message)

    def _sees(self, kind: ChatRoom, message: ChatSaid) -> bool:
        by = message["by"]
        if self._is_off or by in self._unseen or (message["is_shadow"] and by != self.question.player_id):
            return False
        return kind is self._own or message["is_over"]

    # --- saying -------------------------------------------------------------------------------------------------

    def say(self, command: Say) -> None:
        """Have a line stored, after those that wait.

        Raises:
            GameError: ``chat_unavailable`` for somebody who is not signed in; ``rate_limited`` for one line too many.
            InvalidMessage: nothing of it can be seen.
        """
        player_id = self.question.player_id
        if player_id is None:
            raise GameError(ErrorCode.CHAT_UNAVAILABLE, "Sign in to say something.")
        text = rules.read(command.text) if isinstance(command.text, str) else rules.WORDS[cast(Preset, command.preset)]
        self._refuse_at_once(text, command.preset is not UNSET)
        self._house.admit(player_id, (self.series_id or self.question.game_id, self._own))
        self._last.appendleft(text)
        self._to_say.append((command, text))
        if self._saying is None or self._saying.done():
            self._saying = asyncio.get_running_loop().create_task(self._say_all(player_id))

    def _refuse_at_once(self, text: str, is_preset: bool) -> None:
        """Refuse what is known to be refused without asking the store: a flood costs no more than its frames."""
        refused = None if self._own is None else saying.unavailable(self._may, is_preset, self._is_off)
        if refused is not None:
            raise refused
        if rules.repeats(text, self._last):
            raise saying.too_often()
        if len(self._to_say) >= MOST_WAITING:
            raise GameError(ErrorCode.TRY_AGAIN)

    async def _say_all(self, player_id: int) -> None:
        while self._to_say:
            command, text = self._to_say.popleft()
            try:
                await self._house.say(self.question, text, command.preset is not UNSET)
            except GameError as error:
                if error.code is ErrorCode.TRY_AGAIN:
                    self._not_stored(text, player_id)
                await self._connection.refuse_if_open(error, command.id)
            except Exception:
                log.exception("a line beside game %s could not be stored", self.question.game_id)
                self._not_stored(text, player_id)
                await self._connection.refuse_if_open(GameError(ErrorCode.TRY_AGAIN), command.id)

    def _not_stored(self, text: str, player_id: int) -> None:
        """A line is not known to be stored: it may be said again."""
        self._house.give_back(player_id)
        if text in self._last:
            self._last.remove(text)
