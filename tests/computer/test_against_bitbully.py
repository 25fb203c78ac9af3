"""Score by score against a solver that is not ours: https://github.com/MarkusThill/BitBully."""

from collections.abc import Iterator
from random import Random

import pytest

from bench.engine import random_game, sensible_game
from games.computer.solver.engine import Engine
from games.rules.board import COLUMNS

pytestmark = pytest.mark.needs("bitbully")

POSITIONS, POSITIONS_OF_SOAK = 300, 3000  # bitbully needs 20 ms for each


def games(positions: int) -> Iterator[list[int]]:
    """Games of both kinds, with so many positions together."""
    random = Random(12)
    while positions > 0:
        for make in (random_game, sensible_game):
            columns = make(random)
            positions -= len(columns)
            yield columns


def test_every_column_of_thousands_of_positions(engine: Engine, is_whole: bool) -> None:
    from bitbully import BitBully, Board

    oracle = BitBully(opening_book="12-ply-dist")
    compared = [0] * 42
    wanted, phases = (POSITIONS_OF_SOAK, 41) if is_whole else (POSITIONS, 24)
    for columns in games(wanted):
        for plies, scores in reversed(list(enumerate(engine.score_game(columns)))):
            theirs = oracle.score_all_moves(Board(columns[:plies]))
            assert scores == tuple(theirs.get(column) for column in range(COLUMNS)), columns[:plies]
            compared[plies] += 1
    assert sum(compared) >= wanted
    assert all(compared[:phases])
