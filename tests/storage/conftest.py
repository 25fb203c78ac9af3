"""A journal on the test database, what it says of its entries, and a lock that holds it up."""

import pytest

from games.models import Game, Player
from tests.support.stored_games import player, store_game


@pytest.fixture
def alice(transactional_db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(transactional_db: None) -> Player:
    return player("bob")


@pytest.fixture
def games(alice: Player, bob: Player) -> list[Game]:
    """Five games in progress, no disc yet."""
    return [store_game(alice, bob) for _ in range(5)]
