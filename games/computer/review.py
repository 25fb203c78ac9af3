"""The truth about every move of a game: verdicts, accuracy and the turning point, from exact scores. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from games.computer.solver.engine import Scores
from games.rules.board import COLUMNS, Position


class Verdict(StrEnum):
    """What one ply did to the result."""

    ONLY = "only"
    """Of at least two legal columns the one that keeps the result."""
    BEST = "best"
    """Keeps the score."""
    GOOD = "good"
    """Keeps the result."""
    MISTAKE = "mistake"
    """Gives away half a point."""
    BLUNDER = "blunder"
    """Gives away a whole point."""


_WORTH: Final = {Verdict.ONLY: 1.0, Verdict.BEST: 1.0, Verdict.GOOD: 0.8, Verdict.MISTAKE: 0.4, Verdict.BLUNDER: 0.0}


@dataclass(frozen=True)
class ReviewedPly:
    """One ply, and the position before it."""

    ply: int
    """Counted from 1, opening plies included."""
    column: int
    """What was played, counted from 0."""
    scores: Scores | None
    """Of all columns; None for a ply of the opening."""

    @property
    def score(self) -> int | None:
        """What the position was worth to the side to move; None for a ply of the opening."""
        return None if self.scores is None else max(score for score in self.scores if score is not None)

    @property
    def best(self) -> list[int]:
        """The columns that keep the score; empty for a ply of the opening."""
        return [] if self.scores is None else [c for c, score in enumerate(self.scores) if score == self.score]

    @property
    def is_choice(self) -> bool:
        """Whether there were at least two legal columns; False for a ply of the opening."""
        return self.scores is not None and sum(score is not None for score in self.scores) >= 2

    @property
    def verdict(self) -> Verdict | None:
        """What the ply did; None for a ply of the opening."""
        if self.scores is None or self.score is None:
            return None
        played = self.scores[self.column]
        if played is None:
            raise ValueError(f"column {self.column} was played, and is full")
        lost = _sign(self.score) - _sign(played)
        if lost:
            return Verdict.BLUNDER if lost == 2 else Verdict.MISTAKE
        keeping = [score for score in self.scores if score is not None and _sign(score) == _sign(self.score)]
        if len(keeping) == 1 and self.is_choice:
            return Verdict.ONLY
        return Verdict.BEST if played == self.score else Verdict.GOOD


@dataclass(frozen=True)
class Review:
    """A game's plies, judged."""

    plies: tuple[ReviewedPly, ...]

    def accuracy(self, first_move: int) -> tuple[float | None, float | None]:
        """How well both sides played.

        Args:
            first_move: the participant, 1 or 2, who made the game's first ply, or would have but for the opening: an
                opening has an even number of plies.

        Returns:
            Participant 1's and participant 2's: 100 x the mean worth of the side's own plies with a choice; None for a
            side without any.
        """
        first, second = _accuracy(self.plies[0::2]), _accuracy(self.plies[1::2])
        return (first, second) if first_move == 1 else (second, first)

    @property
    def turning_point(self) -> int | None:
        """The last ply that changed the result, both sides playing perfectly from there on; None without such a ply."""
        changes = [ply.ply for ply in self.plies if ply.verdict in (Verdict.MISTAKE, Verdict.BLUNDER)]
        return changes[-1] if changes else None


def review(columns: Sequence[int], scores: Sequence[Scores]) -> Review:
    """Judge a game.

    Args:
        columns: all moves of the game, those of the opening included, counted from 0.
        scores: of the position before each ply that was played, without those of the opening (`Engine.score_game`).

    Raises:
        ValueError: there are more scores than plies.
    """
    opening = len(columns) - len(scores)
    if opening < 0:
        raise ValueError(f"{len(scores)} scores for {len(columns)} plies")
    every: list[Scores | None] = [None] * opening
    every += scores
    return Review(
        tuple(ReviewedPly(ply, column, s) for ply, (column, s) in enumerate(zip(columns, every, strict=True), 1))
    )


def _sign(score: int) -> int:
    return (score > 0) - (score < 0)


def _accuracy(plies: Sequence[ReviewedPly]) -> float | None:
    worth = [_WORTH[ply.verdict] for ply in plies if ply.is_choice and ply.verdict is not None]
    return 100 * sum(worth) / len(worth) if worth else None


# --- how scores are stored ---------------------------------------------------------------------------------------

_FORMAT: Final = 1
_FULL_COLUMN: Final = 0x80
MOST_BYTES: Final = 2 + 42 * COLUMNS
"""Of the longest game: 296."""


def encode(opening: int, scores: Sequence[Scores]) -> bytes:
    """Scores as they are stored: the format, the number of opening plies, then a signed byte for each column.

    Args:
        opening: how many plies the opening has.
        scores: of the position before each ply after it.
    """
    cells = [score for ply in scores for score in ply]
    return bytes([_FORMAT, opening, *(_FULL_COLUMN if score is None else score & 0xFF for score in cells)])


def decode(stored: bytes, columns: Sequence[int]) -> Review:
    """The review of a game from what `encode` gave.

    Args:
        stored: those bytes.
        columns: all moves of the game.

    Raises:
        ValueError: they are not of this game, or not in a format that is known.
    """
    if len(stored) < 2 or stored[0] != _FORMAT:
        raise ValueError("a review in no known format")
    if len(stored) != 2 + (len(columns) - stored[1]) * COLUMNS:
        raise ValueError(f"a review of {len(stored)} bytes for a game of {len(columns)} plies")
    bytes_of = memoryview(stored[2:]).cast("b")
    rows = [bytes_of[start : start + COLUMNS].tolist() for start in range(0, len(bytes_of), COLUMNS)]
    scores = [tuple(None if score == -_FULL_COLUMN else score for score in row) for row in rows]
    _check(columns, stored[1], scores)
    return review(columns, scores)


def _check(columns: Sequence[int], opening: int, scores: Sequence[Scores]) -> None:
    position = Position.from_columns(columns[:opening])
    for column, row in zip(columns[opening:], scores, strict=True):
        if [c for c, score in enumerate(row) if score is not None] != position.legal_columns:
            raise ValueError("a review of another game: its full columns are not this game's")
        if any(abs(score) > 21 for score in row if score is not None):
            raise ValueError("a review with scores that no position has")
        position = position.play(column)
