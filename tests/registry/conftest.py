"""Houses: processes in miniature, each an event loop in a thread with its runtime; on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from games.models import Player
from games.records.verification import check_all
from tests.support.houses import House
from tests.support.stored_games import player


@pytest.fixture
def houses(store: str) -> Iterator[list[House]]:
    """Two processes on one database; in the end every stored game must hold."""
    made = [House(), House()]
    yield made
    for house in made:
        house.close()
    faults = [report for report in check_all(timezone.now()) if report.faults]
    assert not faults


@pytest.fixture
def alice(store: str) -> Player:
    return player("alice")


@pytest.fixture
def bob(store: str) -> Player:
    return player("bob")


@pytest.fixture
def charlie(store: str) -> Player:
    return player("charlie")
