"""The cast: Alice is participant 1, Bob participant 2."""

import pytest

from games.models import Game, Player
from tests.support.stored_games import ALICE_WINS, player, store_finished


@pytest.fixture
def alice(db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(db: None) -> Player:
    return player("bob")


@pytest.fixture
def won(alice: Player, bob: Player) -> Game:
    return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
