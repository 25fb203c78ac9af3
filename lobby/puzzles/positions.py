"""What makes a good puzzle: a position of a reviewed game in which exactly one move keeps the result. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from games.computer.choices import is_choice, keeping, wins_at_once
from games.computer.review import Review
from games.computer.solver.engine import Scores
from games.computer.words import last_ply
from games.rules.board import COLUMNS, Position

LEAST_DISCS: Final = 8
"""On the board: earlier positions are the same in too many games."""
FARTHEST: Final = 21
"""Plies to the end: nobody sees farther."""


@dataclass(frozen=True)
class Candidate:
    """A position that may become a puzzle."""

    columns: tuple[int, ...]
    """The moves that lead to it, counted from 0."""
    scores: Scores
    answer: int
    """The one column that keeps the result."""

    @property
    def position(self) -> str:
        """The same text for a position and its mirror image, and for no other."""
        mirrored = [COLUMNS - 1 - column for column in self.columns]
        both = (Position.from_columns(columns) for columns in (self.columns, mirrored))
        return min(f"{position.mover:x}-{position.waiter:x}" for position in both)

    @property
    def distance(self) -> int:
        """How many plies the game lasts on from it, both playing perfectly: the more, the harder."""
        score = self.scores[self.answer]
        assert score is not None, "the answer is a legal column"
        return last_ply(score, len(self.columns)) - len(self.columns)


def candidates(columns: list[int], review: Review) -> Iterator[Candidate]:
    """The positions of a game that may become puzzles.

    What counts: at least 8 discs lie on the board; the side to move wins or draws, and only one column keeps that; no
    column wins at once; at least three columns do not lose at once, so that nothing is a mere block; and the game ends
    within 21 plies, both playing perfectly.

    Args:
        columns: all moves of the game.
        review: of the game.
    """
    for ply in review.plies:
        scores = ply.scores
        if scores is None or ply.ply <= LEAST_DISCS or (ply.score or 0) < 0:
            continue
        answers = keeping(scores)
        if len(answers) != 1 or wins_at_once(ply.ply, scores) or not is_choice(ply.ply, scores):
            continue
        found = Candidate(tuple(columns[: ply.ply - 1]), scores, answers[0])
        if found.distance <= FARTHEST:
            yield found
