"""Connections: how many at once for a person and an address, how many a minute; guesses on the socket."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import psutil
import pytest
from django.conf import settings

from games.models import Game
from tests.support.people import Person, person, play_going_on
from tests.support.servers import ServerProcess, running
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import store_game
from tests.support.stories import story
from tests.support.wire import Client

PER_USER, PER_ADDRESS, GUESSES = 3, 6, 4
CONNECTS = 10_000 if IS_WHOLE else 2_000


@pytest.fixture(scope="module")
def strict_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """A server with small limits."""
    limits = {"SOCKETS_PER_USER": PER_USER, "SOCKETS_PER_ADDRESS": PER_ADDRESS, "UNKNOWN_IDS_PER_MINUTE": GUESSES}
    env = {name: str(limit) for name, limit in limits.items()}
    with running("uvicorn", tmp_path_factory.mktemp("strict"), DATABASE_URL=test_database_url, **env) as server:
        yield server


async def refusal(client: Client) -> tuple[str, int]:
    """The error that is said before the close, and the close code."""
    async with client:
        message = await client.hear()
        assert message["type"] == "error", message
        return message["code"], await client.closed()


async def admitted(stack: AsyncExitStack, client: Client) -> Client:
    await stack.enter_async_context(client)
    await client.hear("snapshot", "lobby_snapshot")
    return client


@story
async def test_flood_by_one_user_from_many_connections(strict_server: ServerProcess, game: Game, alice: Person) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(PER_USER):
            last = await admitted(stack, alice.at(strict_server, game))
        assert await refusal(alice.at(strict_server, game)) == ("rate_limited", 4008)
        lobby = Client(strict_server.ws_url, "/ws/lobby/", alice.session)
        assert await refusal(lobby) == ("rate_limited", 4008)
        await last.connection.close()
        await admitted(stack, alice.at(strict_server, game))


@story
async def test_connections_of_an_address_at_once(strict_server: ServerProcess, game: Game) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(PER_ADDRESS):
            last = await admitted(stack, Person().at(strict_server, game))
        assert await refusal(Person().at(strict_server, game)) == ("rate_limited", 4008)
        await last.connection.close()
        await admitted(stack, Person().at(strict_server, game))


@story
async def test_id_guessing_on_the_socket(
    strict_server: ServerProcess, game: Game, secret: Game, alice: Person, mallory: Person
) -> None:
    for number in range(GUESSES):
        assert await refusal(mallory.at(strict_server, f"ZZZZZ{number}")) == ("game_not_found", 4404)
    assert await refusal(mallory.at(strict_server, "ZZZZZZ")) == ("rate_limited", 4008)
    assert await refusal(mallory.at(strict_server, secret)) == ("rate_limited", 4008)
    async with AsyncExitStack() as stack:
        await admitted(stack, mallory.at(strict_server, game))
        await admitted(stack, alice.at(strict_server, secret))


@pytest.fixture
def secret(alice: Person) -> Game:
    return store_game(alice.player, person("zoe").player, visibility="private")


@pytest.fixture(scope="module")
def busy_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """A server that takes 20 handshakes a minute from an address, and believes a proxy on this machine."""
    env = {"HANDSHAKES_PER_ADDRESS_PER_MINUTE": "20", "TRUSTED_PROXIES": "127.0.0.1"}
    with running("uvicorn", tmp_path_factory.mktemp("busy"), DATABASE_URL=test_database_url, **env) as server:
        yield server


def from_address(server: ServerProcess, game: Game, address: str) -> Client:
    return Person().at(server, game, additional_headers={"X-Forwarded-For": address})


@story
async def test_handshakes_a_minute_count_by_the_address_that_the_trusted_proxy_tells(
    busy_server: ServerProcess, game: Game
) -> None:
    for _ in range(20):
        async with from_address(busy_server, game, "198.51.100.1") as client:
            await client.hear("snapshot")
    assert await refusal(from_address(busy_server, game, "198.51.100.1")) == ("rate_limited", 4008)
    # What the client itself put in front doesn't count: the proxy's word is the last one.
    assert await refusal(from_address(busy_server, game, "203.0.113.9, 198.51.100.1")) == ("rate_limited", 4008)
    async with from_address(busy_server, game, "198.51.100.2") as client:
        await client.hear("snapshot")


@pytest.fixture(scope="module")
def usual_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """A server with the limits that it has by itself, also where tests raise them."""
    usual = str(settings.HANDSHAKES_PER_ADDRESS_PER_MINUTE)
    env = {"HANDSHAKES_PER_ADDRESS_PER_MINUTE": usual, "TRUSTED_PROXIES": "127.0.0.1"}
    with running("uvicorn", tmp_path_factory.mktemp("usual"), DATABASE_URL=test_database_url, **env) as server:
        yield server


@story
async def test_ten_thousand_connects_from_one_address(
    usual_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    """Those over the limit are told so, and who plays meanwhile notices nothing. A fifth of them without make soak."""
    answers: Counter[str] = Counter()
    left = iter(range(CONNECTS))
    process = psutil.Process(usual_server.pid)
    memory = 0

    async def connect_again_and_again() -> None:
        nonlocal memory
        for number in left:
            async with from_address(usual_server, game, "198.51.100.66") as client:
                message = await client.hear("snapshot", "error")
                answers[message.get("code", message["type"])] += 1
            if number == CONNECTS // 2:
                memory = process.memory_info().rss

    loop = asyncio.get_running_loop()
    async with play_going_on(usual_server, game, alice, bob) as took:
        began = loop.time()
        await asyncio.gather(*(connect_again_and_again() for _ in range(50)))
        minutes = (loop.time() - began) / 60
    assert set(answers) == {"snapshot", "rate_limited"}
    allowed = settings.HANDSHAKES_PER_ADDRESS_PER_MINUTE
    assert allowed <= answers["snapshot"] <= allowed * (1 + minutes) + 1
    assert answers.total() == CONNECTS
    assert len(took) > 5
    assert max(took) < 5
    assert process.memory_info().rss < memory + 10_000_000
    assert usual_server.get("/healthz") == 200
