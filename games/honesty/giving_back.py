"""Points that somebody's opponents lost, given back to them; and taken again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from games.honesty.models import Action, GivenBack
from games.models import RatingChange
from games.ratings.corrections import correct, locked

WITHIN: Final = timedelta(days=30)
"""How long ago the games ended at most."""
AT_ONCE: Final = 500
"""Games whose points one action gives back; another goes on with the rest."""


def give_back(action: Action, now: datetime) -> int:
    """Give back what opponents lost in games of the last days, within the caller's transaction.

    Nobody is lifted above the best rating from which they lost: who has won points since needs fewer. What a game cost
    is given back once.

    Args:
        action: that of which it is a part.
        now: the time.

    Returns:
        For how many games.
    """
    lost = lost_to(action.player_id, now)
    ratings = locked({change.player_id for change in lost})
    best: dict[tuple[int, str], float] = {}
    for change in lost:
        key = change.player_id, change.speed
        best[key] = max(best.get(key, 0.0), change.rating_before)
    given = []
    for change in lost:
        row = ratings[change.player_id, change.speed]
        points = min(change.rating_before - change.rating, best[change.player_id, change.speed] - row.rating)
        if points > 0:
            given.append(GivenBack(action=action, game_id=change.game_id, correction=correct(row, points, now)))
    GivenBack.objects.bulk_create(given)
    return len(given)


def lost_to(player_id: int, now: datetime) -> Sequence[RatingChange]:
    """What opponents lost, in games of somebody that ended lately, and have not got back; the oldest first.

    Args:
        player_id: whose opponents.
        now: the time.
    """
    games = RatingChange.objects.filter(player=player_id, at__gte=now - WITHIN).values("game")
    standing = GivenBack.objects.filter(reversal=None, game__in=games).values("game")
    found = RatingChange.objects.filter(game__in=games).exclude(player=player_id).exclude(game__in=standing)
    rows = found.order_by("pk")
    return [change for change in rows if change.rating < change.rating_before][:AT_ONCE]


def take_again(action: Action, now: datetime) -> int:
    """Take back what an action gave, within the caller's transaction.

    Returns:
        For how many games.
    """
    standing = action.given_back.filter(reversal=None).select_related("correction").order_by("pk")
    given = list(standing.select_for_update(of=("self",)))
    ratings = locked({row.correction.player_id for row in given})
    for row in given:
        correction = row.correction
        row.reversal = correct(ratings[correction.player_id, correction.speed], -correction.points, now)
        row.save(update_fields=["reversal"])
    return len(given)
