"""The cast of the attacks: Alice and Bob play, Mallory is up to something."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.conf import LazySettings

from games.models import Game, Player
from tests.servers import ServerProcess
from tests.sockets.conftest import Person
from tests.stored_games import player, store_game
from tests.wire import sign_in


@pytest.fixture(autouse=True)
def _quick_passwords(settings: LazySettings) -> None:
    """The real hasher takes a third of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(name: str) -> Person:
    someone: Player = player(name)
    return Person(someone, sign_in(someone.user))


@pytest.fixture
def alice(transactional_db: None) -> Person:
    return person("alice")


@pytest.fixture
def bob(transactional_db: None) -> Person:
    return person("bob")


@pytest.fixture
def mallory(transactional_db: None) -> Person:
    return person("mallory")


@pytest.fixture
def game(alice: Person, bob: Person) -> Game:
    """In progress, no disc yet; Alice moves first."""
    return store_game(alice.player, bob.player)


@asynccontextmanager
async def play_going_on(server: ServerProcess, game: Game, alice: Person, bob: Person) -> AsyncIterator[list[float]]:
    """Alice and Bob play meanwhile; the seconds that each of their moves takes."""
    took: list[float] = []
    over = asyncio.Event()

    async def play() -> None:
        loop = asyncio.get_running_loop()
        async with alice.at(server, game) as first, bob.at(server, game) as second:
            for ply in range(1, 43):
                began = loop.time()
                column = (0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0)[(ply - 1) % 12] + (ply - 1) // 12 * 2
                event = await (first if ply % 2 else second).play(column, ply)
                took.append(loop.time() - began)
                if over.is_set() or event["type"] == "error" or event["outcome"]:
                    return
                await asyncio.sleep(0.02)

    playing = asyncio.create_task(play())
    yield took
    over.set()
    await playing


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def exchange(port: int, sent: bytes, within: float = 5.0) -> bytes:
    """What a server answers to raw bytes until it closes, or falls silent."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), within) as connection:
        connection.settimeout(within)
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    return received
