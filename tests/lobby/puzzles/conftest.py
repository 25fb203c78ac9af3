"""Reviewed games that puzzles can come of, and an engine to review them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from games.computer.models import Review
from games.computer.review import encode
from games.computer.solver.engine import Engine
from games.models import Game
from lobby.models import User
from lobby.puzzles import choosing
from tests.support.puzzling_games import Reviewed
from tests.support.stored_games import store_finished


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture(autouse=True)
def _a_process_that_has_not_looked_yet() -> Iterator[None]:
    choosing.forget()
    yield
    choosing.forget()


@pytest.fixture
def reviewed(alice: User, bob: User, engine: Engine) -> Reviewed:
    """Stores a finished game with its review."""

    def store(notation: str, **fields: Any) -> Game:
        game = store_finished(alice.player, bob.player, notation, "four_in_a_row", 1, **fields)
        now = timezone.now()
        scores = encode(0, engine.score_game(game.columns))
        Review.objects.create(game=game, queued_at=now, done_at=now, scores=scores)
        return game

    return store
