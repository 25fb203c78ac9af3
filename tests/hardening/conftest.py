"""The cast of the attacks: Alice and Bob play, Mallory is up to something."""

import socket

import pytest
from django.conf import LazySettings

from games.models import Game, Player
from tests.consumers.conftest import Person
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
