"""One side of a rated game in figures: best moves, times, pages left. Arithmetic on what is stored."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from games.computer.review import Review
from games.computer.shares import share_of
from games.game.live import LiveGame

SHORTEST_MS = 50
"""Shorter times say nothing of a person: they count as this."""
LEAST_TIMES = 30
"""Moves with times, below which nothing is said of their evenness."""


class Times(NamedTuple):
    """Times of moves, added up."""

    moves: int
    log_sum: float
    log_squares: float


def times_of(milliseconds: Iterable[int]) -> Times:
    """Add up times.

    Args:
        milliseconds: of each move.
    """
    logs = [math.log(max(ms, SHORTEST_MS)) for ms in milliseconds]
    return Times(len(logs), math.fsum(logs), math.fsum(log * log for log in logs))


def spread_of(times: Times) -> float | None:
    """How uneven times are: the standard deviation of their logarithms; None for few.

    >>> spread_of(times_of([1000] * 40)), spread_of(times_of([1000] * 3))
    (0.0, None)
    """
    moves, log_sum, log_squares = times
    if moves < LEAST_TIMES:
        return None
    return math.sqrt(max(0.0, log_squares - log_sum * log_sum / moves) / (moves - 1))


def skill_of(choices: int, best: int) -> float:
    """The logarithm of the odds of a best move; with few moves it is near 0, which is even odds.

    >>> skill_of(0, 0), round(skill_of(100, 50), 1), round(skill_of(200, 200), 1)
    (0.0, 0.0, 6.0)
    """
    return math.log((best + 0.5) / (choices - best + 0.5))


def own_times(game: LiveGame, seat: int) -> list[int]:
    """What a side's moves cost in a game with clocks, in milliseconds; the first of them is not charged.

    Args:
        game: finished.
        seat: 1 or 2.
    """
    discs = enumerate(game.discs, 1)
    times = [disc.time for ply, disc in discs if ply > game.opening.plies and game.mover_of(ply) == seat]
    return [time.charged_ms for time in times[1:] if time is not None]


def own_plies(game: LiveGame, seat: int) -> int:
    """How many moves a side has made itself."""
    return sum(game.mover_of(ply) == seat for ply in range(game.opening.plies + 1, len(game.discs) + 1))


def best_moves(game: LiveGame, review: Review, seat: int) -> tuple[int, int]:
    """A side's plies in positions that are not trivial, and how many of them kept the score."""
    share = share_of(review, game.mover_of(1) == seat)
    return share.plies, share.best
