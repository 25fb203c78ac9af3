"""The cast of the attacks: Alice and Bob play, Mallory is up to something."""

import pytest

from games.models import Game
from tests.support.clock import Clock
from tests.support.people import Person, person
from tests.support.stored_games import store_game


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


@pytest.fixture
def clock() -> Clock:
    return Clock()
