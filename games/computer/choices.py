"""Which positions ask something of a player: where a win doesn't lie open and a loss isn't forced. Pure."""

from collections.abc import Sequence
from typing import Final

from games.computer.solver.engine import Scores
from games.computer.words import last_ply

LEAST_LASTING: Final = 3
"""Moves that do not lose at once in a position that is not trivial."""


def lasting(ply: int, scores: Scores) -> list[int]:
    """The columns after which the other side does not win with its next disc.

    Args:
        ply: the ply that is to be played, counted from 1.
        scores: of the position before it.
    """
    return [
        column
        for column, score in enumerate(scores)
        if score is not None and not (score < 0 and last_ply(score, ply - 1) == ply + 1)
    ]


def wins_at_once(ply: int, scores: Scores) -> bool:
    """Whether a column wins with this very ply.

    Args:
        ply, scores: as for `lasting`.
    """
    best = max(score for score in scores if score is not None)
    return best > 0 and last_ply(best, ply - 1) == ply


def is_choice(ply: int, scores: Scores) -> bool:
    """Whether a position is not trivial: at least three columns do not lose at once.

    Args:
        ply, scores: as for `lasting`.
    """
    return len(lasting(ply, scores)) >= LEAST_LASTING


def keeping(scores: Scores) -> Sequence[int]:
    """The columns that keep the result.

    Args:
        scores: of a position that is not over.
    """
    best = max(score for score in scores if score is not None)
    return [c for c, score in enumerate(scores) if score is not None and _sign(score) == _sign(best)]


def _sign(score: int) -> int:
    return (score > 0) - (score < 0)
