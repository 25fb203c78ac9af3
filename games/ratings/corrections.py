"""Points that moderators give to ratings or take from them: part of what is computed again.

A correction comes after so many of a player's games at a speed, which is exact because both are written with the rating
locked.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime

from games.models import Rating as RatingRow
from games.models import RatingCorrection
from games.ratings import glicko


def corrected(rating: glicko.Rating, points: float) -> glicko.Rating:
    """A rating with points added; how sure it is stays.

    Args:
        rating: before.
        points: negative where they are taken; no rating falls below the lowest.
    """
    return glicko.Rating(max(glicko.LOWEST_RATING, rating.rating + points), rating.deviation, rating.volatility)


def correct(row: RatingRow, points: float, at: datetime) -> RatingCorrection:
    """Add points to a stored rating, within the caller's transaction.

    Args:
        row: locked.
        points: as for `corrected`.
        at: when.
    """
    row.rating = corrected(glicko.Rating(row.rating, row.deviation, row.volatility), points).rating
    row.save(update_fields=["rating"])
    return RatingCorrection.objects.create(
        player_id=row.player_id, speed=row.speed, after_games=row.games, points=points, at=at
    )


def locked(player_ids: Iterable[int]) -> dict[tuple[int, str], RatingRow]:
    """All ratings of players, locked in the order in which games lock them; by player and speed."""
    rows = RatingRow.objects.select_for_update().filter(player__in=[*player_ids]).order_by("player_id", "speed")
    return {(row.player_id, row.speed): row for row in rows}


class Corrections:
    """All corrections that are stored now, for a pass over all games."""

    def __init__(self) -> None:
        self._left: dict[tuple[int, str], deque[tuple[int, float]]] = defaultdict(deque)
        self.last = 0
        """The key of the newest."""
        for pk, player_id, speed, after_games, points in RatingCorrection.objects.order_by("pk").values_list(
            "pk", "player_id", "speed", "after_games", "points"
        ):
            self._left[player_id, speed].append((after_games, points))
            self.last = pk

    @property
    def players(self) -> set[tuple[int, str]]:
        """Whose corrections have not been taken yet, with their speeds."""
        return {key for key, left in self._left.items() if left}

    def take(self, player_id: int, speed: str, games: int, rating: glicko.Rating) -> glicko.Rating:
        """A rating with the corrections that came before the next game.

        Args:
            player_id, speed: whose.
            games: how many games are in the rating.
            rating: after these.
        """
        left = self._left.get((player_id, speed))
        while left and left[0][0] <= games:
            rating = corrected(rating, left.popleft()[1])
        return rating
