"""The cast: Alice is participant 1, Bob participant 2."""

import pytest

from games.models import Player
from tests.support.stored_games import player


@pytest.fixture
def alice(db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(db: None) -> Player:
    return player("bob")
