"""The best of each speed."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from games.models import Rating
from games.rules.time_controls import Speed

PLACES = 100
PLAYED_WITHIN = timedelta(days=30)
RATED_SPEEDS = (Speed.BULLET, Speed.BLITZ, Speed.RAPID, Speed.CORRESPONDENCE)
_MOST_DEVIATION = RawSQL("75.0", ())
"""Written into the query: a database takes a partial index only where it knows the value."""


def best(speed: str, now: datetime) -> QuerySet[Rating]:
    """Whoever has a place, best first, with players: ratings that are sure enough, of people who still play.

    Args:
        speed: a rated one.
        now: the time of asking.
    """
    stable = Rating.objects.filter(speed=speed, deviation__lte=_MOST_DEVIATION, last_game_at__gte=now - PLAYED_WITHIN)
    people = stable.filter(player__user__is_active=True, player__bot=False, player__marked=False)
    return people.select_related("player").order_by("-rating")[:PLACES]
