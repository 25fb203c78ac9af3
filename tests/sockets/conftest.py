"""The cast, each with a session; a table for them to play at; and pages to press buttons on."""

import pytest

from games.models import Game
from tests.support.people import Person, person
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game


@pytest.fixture
def alice(transactional_db: None) -> Person:
    return person("alice")


@pytest.fixture
def bob(transactional_db: None) -> Person:
    return person("bob")


@pytest.fixture
def charlie(transactional_db: None) -> Person:
    return person("charlie")


@pytest.fixture
def dora(transactional_db: None) -> Person:
    return person("dora")


@pytest.fixture
def nobody() -> Person:
    return Person()


@pytest.fixture
def game(alice: Person, bob: Person) -> Game:
    """In progress, no disc yet; Alice moves first."""
    return store_game(alice.player, bob.player)


@pytest.fixture
def waiting_game(alice: Person) -> Game:
    """Alice's, without a participant 2."""
    return store_game(alice.player, None)


@pytest.fixture
def lone_server(uvicorn_server: ServerProcess, transactional_db: None) -> ServerProcess:
    """uvicorn alone, for what doesn't depend on the server."""
    return uvicorn_server
