"""The drawn openings, computed: what `games.rules.openings` lists."""

from collections.abc import Iterator
from itertools import product

from games.computer.solver.engine import Engine
from games.rules.board import IllegalDrop, Position
from games.rules.openings import PLIES, columns_of, mirrored


def all_openings() -> Iterator[str]:
    """One way of playing to each position after four plies, of a position and its mirror image the first in order."""
    seen: set[Position] = set()
    for digits in product("1234567", repeat=PLIES):
        opening = "".join(digits)
        try:
            position = Position.from_columns(columns_of(opening))
        except IllegalDrop:
            continue
        if position not in seen:
            seen |= {position, Position.from_columns(columns_of(mirrored(opening)))}
            yield opening


def drawn_openings(engine: Engine) -> list[str]:
    """Compute the list: a second or two.

    Args:
        engine: with its book.

    Raises:
        EngineUnavailable: it has none.
    """
    return [opening for opening in all_openings() if value(engine, opening) == 0]


def value(engine: Engine, opening: str) -> int:
    """What the position after an opening is worth to the side to move: its score."""
    return max(score for score in engine.score_columns(columns_of(opening)) if score is not None)
