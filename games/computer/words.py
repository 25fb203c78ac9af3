"""Scores told in words and tables."""

from games.computer.solver.engine import Scores
from games.rules.board import CELLS, Position

DISCS_A_SIDE = CELLS // 2


def last_ply(score: int, plies: int) -> int:
    """With which ply a game ends, both playing perfectly.

    Args:
        score: of the side to move.
        plies: how many have been played.

    >>> last_ply(1, 0), last_ply(-2, 0), last_ply(0, 7), last_ply(18, 6)
    (41, 40, 42, 7)
    """
    if score == 0:
        return CELLS
    is_first_sides = (plies % 2 == 0) == (score > 0)
    discs = DISCS_A_SIDE + 1 - abs(score)
    return 2 * discs - 1 if is_first_sides else 2 * discs


def result(score: int, plies: int) -> str:
    """What a score says.

    >>> result(1, 0), result(-2, 0), result(0, 4)
    ('wins with move 41', 'loses by move 40', 'draws')
    """
    if score == 0:
        return "draws"
    return f"{'wins with' if score > 0 else 'loses by'} move {last_ply(score, plies)}"


def table(position: Position, scores: Scores) -> str:
    """The scores of all columns as lines for a terminal."""
    known = [score for score in scores if score is not None]
    best = [str(column + 1) for column, score in enumerate(scores) if score == max(known)]
    side = "first" if position.ply_count % 2 == 0 else "second"
    return "\n".join(
        [
            "column " + "".join(f"{column + 1:5}" for column in range(len(scores))),
            "score  " + "".join(f"{'full' if score is None else score:>5}" for score in scores),
            f"The {side} side is to move and {result(max(known), position.ply_count)}. Best: {', '.join(best)}.",
        ]
    )
