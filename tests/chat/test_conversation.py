"""What a conversation refuses without asking the store, so that a flood costs no more than its frames."""

import asyncio

import pytest

from games.chat.conversation import Conversation
from games.chat.reading import ChatRead, Question, RoomRead
from games.chat.rights import May
from games.protocol import ChatRoom, CommandId, ErrorCode, GameError, Preset, Say
from tests.support.stories import story


class House:
    """Stores everything it is asked to, and counts."""

    def __init__(self, may: May, is_off: bool = False) -> None:
        self._read = ChatRead("A9F3QX", [RoomRead(ChatRoom.SPECTATORS, [], 0, 0)], may, is_off, frozenset())
        self.said: list[str] = []
        self.admitted = 0
        self.given_back = 0
        self.refusal: GameError | None = None

    async def read(self, question: Question) -> ChatRead:
        return self._read

    async def hear(self, conversation: Conversation) -> None:
        pass

    async def say(self, question: Question, text: str, is_preset: bool) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.said.append(text)

    def admit(self, player_id: int, room: object) -> None:
        self.admitted += 1

    def give_back(self, player_id: int) -> None:
        self.given_back += 1


class Connection:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.refused: list[ErrorCode] = []

    async def send_if_open(self, text: str) -> None:
        self.told.append(text)

    async def refuse_if_open(self, error: GameError, command_id: CommandId | object) -> None:
        self.refused.append(error.code)


async def begun(house: House) -> tuple[Conversation, Connection]:
    """A conversation that has read its rooms."""
    connection = Connection()
    conversation = Conversation(house, connection, "channel", "A9F3QX", 1)
    conversation.follow("begun")
    async with asyncio.timeout(20):
        while not connection.told:
            await asyncio.sleep(0)
    return conversation, connection


def refusal(conversation: Conversation, command: Say) -> ErrorCode | None:
    try:
        conversation.say(command)
    except GameError as error:
        return error.code
    return None


@story
async def test_a_repeat_is_not_even_counted() -> None:
    house = House("text")
    conversation, _ = await begun(house)
    codes = [refusal(conversation, Say(text="hello")) for _ in range(100)]
    assert codes == [None, *[ErrorCode.RATE_LIMITED] * 99]
    assert house.admitted == 1


@pytest.mark.parametrize(("may", "is_off"), [("presets", False), (None, True), (None, False)])
@story
async def test_who_may_not_say_it_asks_nobody(may: May, is_off: bool) -> None:
    house = House(may, is_off)
    conversation, _ = await begun(house)
    assert refusal(conversation, Say(text="hello")) is ErrorCode.CHAT_UNAVAILABLE
    assert refusal(conversation, Say(preset=Preset.THANKS)) is (None if may else ErrorCode.CHAT_UNAVAILABLE)
    assert house.admitted == bool(may)


@story
async def test_what_could_not_be_stored_may_be_said_again_and_what_was_refused_counts() -> None:
    house = House("text")
    conversation, connection = await begun(house)
    for number, code in enumerate((ErrorCode.TRY_AGAIN, ErrorCode.RATE_LIMITED), 1):
        house.refusal = GameError(code)
        assert refusal(conversation, Say(text="hello")) is None
        async with asyncio.timeout(20):
            while len(connection.refused) < number:
                await asyncio.sleep(0)
    assert connection.refused == [ErrorCode.TRY_AGAIN, ErrorCode.RATE_LIMITED]
    assert house.given_back == 1
