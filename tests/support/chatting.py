"""What tests of chat hear and say."""

from typing import Any

from tests.support.people import Person
from tests.support.servers import ServerProcess
from tests.support.wire import Client

PARTICIPANTS, SPECTATORS = "participants", "spectators"


async def rooms(client: Client, *expected: str) -> dict[str, dict[str, Any]]:
    """The next `chat` of each of these rooms; fails where another room's comes."""
    found: dict[str, dict[str, Any]] = {}
    for _ in expected:
        chat = await client.hear("chat")
        found[chat["room"]] = chat
    assert set(found) == set(expected)
    return found


async def texts(person: Person, server: ServerProcess, game: Any) -> dict[str, list[str]]:
    """What somebody who comes now reads, by room; nothing said after it would be missed."""
    async with person.at(server, game) as client:
        await client.hear("snapshot")
        first = await client.hear("chat")
        found = {first["room"]: [line["text"] for line in first["lines"]]}
        # What follows at once is told before the answer to a ping that is sent after the first room.
        await client.say("say", text="x" * 200, id="marker")
        while (message := await client.hear("chat", "error"))["type"] == "chat":
            found[message["room"]] = [line["text"] for line in message["lines"]]
    return found


async def say(client: Client, text: str, **fields: Any) -> dict[str, Any]:
    """Say something and hear it, or the refusal."""
    await client.say("say", text=text, **fields)
    while True:
        message = await client.hear("said", "error")
        if message["type"] == "error" or message["text"] == text:
            return message
