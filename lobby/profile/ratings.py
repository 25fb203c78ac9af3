"""How somebody's ratings stand and went: one query, however much was played."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from games.models import RatingChange
from games.ratings import glicko
from games.ratings.leaderboard import RATED_SPEEDS
from lobby.profile.rating_graph import Graph, graph_of

MOST = 2000
"""Rated games that are looked at: the newest."""
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


def ratings_over_time(player_id: int) -> list[SpeedRating]:
    """A player's ratings, the fastest speed first; speeds without a rated game are left out.

    Args:
        player_id: a player's primary key.
    """
    fields = ("speed", "at", "rating", "deviation", "number")
    newest = RatingChange.objects.filter(player=player_id).order_by("-pk").values_list(*fields)[:MOST]
    by_speed: dict[str, list[tuple[datetime, float, float, int]]] = {speed.value: [] for speed in RATED_SPEEDS}
    for speed, at, rating, deviation, number in newest:
        by_speed[speed].append((at, rating, deviation, number))
    return [_of_speed(speed, rows[::-1]) for speed, rows in by_speed.items() if rows]


def _of_speed(speed: str, rows: list[tuple[datetime, float, float, int]]) -> SpeedRating:
    at, rating, deviation, number = rows[-1]
    graph = graph_of([(row[0], row[1]) for row in rows if row[0] >= at - SHOWN])
    return SpeedRating(speed, round(rating), glicko.Rating(rating, deviation).is_provisional, number, graph)
