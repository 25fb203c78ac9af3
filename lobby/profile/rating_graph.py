"""How a rating went, as the points of an SVG line. Drawing alone: no store, no page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 640, 200
"""Units of the drawing; the page scales it."""
_STEPS = (25, 50, 100, 200, 500)
"""Between lines across, in rating points."""
_MOST_LINES = 5
_SHORTEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, at a rating.

    Attributes:
        rating: that it stands for.
        y: from the top.
    """

    rating: int
    y: float


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn.

    Attributes:
        points: for a ``<polyline>``.
        lines: across, from the lowest rating up.
        last: where the line ends.
        first_at, last_at: the times at both ends.
        first: the rating at its beginning.
        lowest, highest: ratings reached.
    """

    points: str
    lines: tuple[Line, ...]
    last: tuple[float, float]
    first_at: datetime
    last_at: datetime
    first: int
    lowest: int
    highest: int


def graph_of(ratings: Sequence[tuple[datetime, float]]) -> Graph | None:
    """The graph of a rating; None where there is nothing to connect.

    Args:
        ratings: when each game ended and the rating after it, in order.
    """
    if len(ratings) < 2:
        return None
    step, low, high = _scale([rating for _, rating in ratings])
    first_at, last_at = ratings[0][0], max(at for at, _ in ratings)
    length = max(last_at - first_at, _SHORTEST)

    def y(rating: float) -> float:
        return round(HEIGHT - (rating - low) / (high - low) * HEIGHT, 1)

    # A game that is rated late ended before those left of it: the line doesn't turn back.
    placed, x = [], 0.0
    for at, rating in ratings:
        x = max(x, round(max(at - first_at, timedelta()) / length * WIDTH, 1))
        placed.append((x, y(rating)))
    return Graph(
        points=" ".join(f"{x:g},{height:g}" for x, height in placed),
        lines=tuple(Line(rating, y(rating)) for rating in range(low, high + 1, step)),
        last=placed[-1],
        first_at=first_at,
        last_at=last_at,
        first=round(ratings[0][1]),
        lowest=round(min(rating for _, rating in ratings)),
        highest=round(max(rating for _, rating in ratings)),
    )


def _scale(ratings: Sequence[float]) -> tuple[int, int, int]:
    """Points between lines across, and the lowest and the highest of them."""
    lowest, highest = min(ratings), max(ratings)
    for step in _STEPS:
        low, high = int(lowest // step) * step, -int(-highest // step) * step
        high = max(high, low + step)
        if (high - low) // step < _MOST_LINES:
            return step, low, high
    return step, low, high
