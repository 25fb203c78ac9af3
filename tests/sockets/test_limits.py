"""How much a connection may say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess, running
from tests.support.stories import story

LIMIT = 5


@pytest.fixture(scope="module")
def strict_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """A server that lets spectators say 5 messages in 20 s, and players 100."""
    folder: Path = tmp_path_factory.mktemp("strict")
    with running("uvicorn", folder, DATABASE_URL=test_database_url, SPECTATOR_MESSAGES_PER_20_S=str(LIMIT)) as server:
        yield server


@story
async def test_who_says_too_much_is_told_once_a_second_and_heard_no_more(
    strict_server: ServerProcess, game: Game, charlie: Person
) -> None:
    async with Table(strict_server, game) as table:
        client = await table.seat(charlie)
        for number in range(LIMIT + 20):
            await client.say("ping", id=number)
        heard = [await client.hear() for _ in range(LIMIT + 1)]
        assert [message.get("id") for message in heard[:LIMIT]] == list(range(LIMIT))
        assert (heard[LIMIT]["type"], heard[LIMIT]["code"]) == ("error", "rate_limited")


@story
async def test_ten_times_the_limit_at_once_ends_the_connection(
    strict_server: ServerProcess, game: Game, charlie: Person
) -> None:
    async with Table(strict_server, game) as table:
        client = await table.seat(charlie)
        for number in range(LIMIT * 11):
            await client.say("ping", id=number)
        assert await client.closed() == 4008


@story
async def test_a_player_may_say_more_also_one_who_came_as_a_spectator(
    strict_server: ServerProcess, waiting_game: Game, alice: Person, bob: Person
) -> None:
    async with Table(strict_server, waiting_game) as table:
        creator, joiner = await table.seat(alice), await table.seat(bob)
        await bob.join(strict_server, waiting_game)
        for client in (creator, joiner):
            await client.hear("game_started")
            for number in range(LIMIT * 3):
                await client.say("ping", id=number)
                assert (await client.hear("pong", "error"))["id"] == number
