"""How somebody's ratings stand and went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from games.ratings import glicko
from games.ratings.leaderboard import RATED_SPEEDS
from lobby.profile.rating_graph import Graph, graph_of
from lobby.profile.statement import time_of

SHOWN = timedelta(days=365)
"""How far back a graph goes, from the newest game of the speed."""


@dataclass(frozen=True, slots=True)
class SpeedRating:
    """A player's rating at one speed.

    Attributes:
        speed: its name.
        rating: now, in points.
        is_provisional: whether that is a guess.
        games: rated games that counted.
        graph: how it went; None after one game.
    """

    speed: str
    rating: int
    is_provisional: bool
    games: int
    graph: Graph | None


def ratings_over_time(ratings: Iterable[Sequence[Any]], changes: Iterable[Sequence[Any]]) -> list[SpeedRating]:
    """A player's ratings, the fastest speed first; speeds without a rated game are left out.

    Args:
        ratings, changes: as `lobby.profile.statement` reads them.
    """
    by_speed: dict[str, list[tuple[datetime, float]]] = {speed.value: [] for speed in RATED_SPEEDS}
    for speed, at, rating in changes:
        by_speed[speed].append((time_of(at), rating))
    now = {speed: (rating, deviation, games) for speed, rating, deviation, games in ratings}
    return [_of_speed(speed, *now[speed], rows[::-1]) for speed, rows in by_speed.items() if speed in now]


def _of_speed(
    speed: str, rating: float, deviation: float, games: int, rows: list[tuple[datetime, float]]
) -> SpeedRating:
    if rows and rows[-1][1] != rating:  # corrected since
        rows = [*rows, (rows[-1][0], rating)]
    graph = graph_of([row for row in rows if row[0] >= rows[-1][0] - SHOWN])
    return SpeedRating(speed, round(rating), glicko.Rating(rating, deviation).is_provisional, games, graph)
