"""Reviewed games that puzzles can come of, and an engine to review them."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from games.computer.solver.engine import Engine
from games.models import Game
from lobby.models import User
from lobby.puzzles import choosing
from tests.support.puzzling_games import store_reviewed


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture(autouse=True)
def _a_process_that_has_not_looked_yet() -> Iterator[None]:
    choosing.forget()
    yield
    choosing.forget()


@pytest.fixture
def reviewed(alice: User, bob: User) -> Callable[..., Game]:
    """Stores a finished game of Alice and Bob with its review: a notation, and fields of the game."""
    return partial(store_reviewed, alice.player, bob.player)
