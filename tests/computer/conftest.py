"""One engine for all tests of a process, since it takes half a second to start; houses with workers; the cast."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from games.computer.solver.engine import Engine
from games.models import Player
from tests.support.houses import House
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import player


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="session")
def is_whole() -> bool:
    """Whether counts are full ones: `make soak`."""
    return IS_WHOLE


@pytest.fixture
def houses(store: str, settings: LazySettings) -> Iterator[list[House]]:
    """Two processes on one database, which will have a worker each when they serve."""
    settings.COMPUTER_WORKERS = 1
    made = [House(), House()]
    yield made
    for house in made:
        house.close()


@pytest.fixture
def people(store: str) -> tuple[Player, Player]:
    """Alice and Bob."""
    return player("alice"), player("bob")
