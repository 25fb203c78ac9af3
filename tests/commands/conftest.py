"""The cast: Alice is participant 1, Bob participant 2, Charlie somebody else."""

import pytest

from games.models import Player
from tests.support.stored_games import player


@pytest.fixture
def alice(db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(db: None) -> Player:
    return player("bob")


@pytest.fixture
def charlie(db: None) -> Player:
    return player("charlie")
