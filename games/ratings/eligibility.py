"""Who may play rated, and with which rating somebody comes into a game. Plain reading, for a reader's thread."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from games.game.people import Participant, RatingShown
from games.models import Change, Game, Player, Rating
from games.protocol import ErrorCode, GameError, Reason
from games.ratings import glicko

MOST_ABORTS = 3
"""Aborts of rated games within `_HOUR` that one may cause; the next rated game waits for `BREAK`."""
BREAK = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_LOOK_BACK = timedelta(days=1)
"""No game is looked at that was made longer ago: it is aborted soon after it was made, or joined."""


def entering(participant: Participant, speed: str, rated: bool, now: datetime) -> RatingShown | None:
    """The rating with which somebody comes into a game.

    Args:
        participant: who comes.
        speed: the game's.
        rated: whether the game is.
        now: the time of asking.

    Returns:
        None in a game that isn't rated where there is no rating.

    Raises:
        GameError: ``not_rated``: the game is, and they may not play such games, or not now.
    """
    if rated:
        refuse_unrated(participant, now)
    row = Rating.objects.filter(player=participant.player_id, speed=speed).exclude(games=0).first()
    if row is None and not rated:
        return None
    rating = glicko.Rating() if row is None else glicko.Rating(row.rating, row.deviation, row.volatility)
    return RatingShown(round(rating.rating), rating.is_provisional)


def refuse_unrated(participant: Participant, now: datetime) -> None:
    """Refuse somebody who may not play rated, or not now.

    Raises:
        GameError: ``not_rated``, in words.
    """
    if participant.guest:
        raise GameError(ErrorCode.NOT_RATED, "Guests play unrated games. Sign up to play rated ones.")
    if participant.computer is not None:
        raise GameError(ErrorCode.NOT_RATED, "Games against the computer are not rated.")
    since = Player.objects.values_list("user__date_joined", flat=True).get(pk=participant.player_id)
    age = timedelta(minutes=settings.RATED_ACCOUNT_AGE_MINUTES)
    if now - since < age:
        minutes = -(-(since + age - now) // timedelta(minutes=1))
        raise GameError(ErrorCode.NOT_RATED, f"Your account is new: you may play rated games in {minutes} minutes.")
    if rests_until(participant.player_id, now) is not None:
        raise GameError(
            ErrorCode.NOT_RATED, "You ended several rated games before they began. Play unrated for a while."
        )


def refuse_together(one: Participant, other: Participant, now: datetime) -> None:
    """Refuse two people a rated game with each other.

    Args:
        one: who asks for it.
        other: whom it is with.
        now: the time of asking.

    Raises:
        GameError: ``not_rated``, in words: one of the two may not play rated, or not now; or they not together.
    """
    refuse_unrated(one, now)
    refuse_alike(one, other)
    try:
        refuse_unrated(other, now)
    except GameError:
        raise GameError(ErrorCode.NOT_RATED, f"{other.name} does not play rated games just now.") from None


def refuse_alike(one: Participant, other: Participant) -> None:
    """Refuse two who never play rated together: bots play with bots, and people marked by moderators with such.

    Raises:
        GameError: ``not_rated``, in words.
    """
    if one.bot != other.bot:
        raise GameError(ErrorCode.NOT_RATED, "Bots play rated games with bots alone.")
    marked = Player.objects.filter(pk__in=[one.player_id, other.player_id], marked=True).count()
    if marked == 1:
        raise GameError(ErrorCode.NOT_RATED, "You can't play a rated game with this person.")


def rests_until(player_id: int, now: datetime) -> datetime | None:
    """Until when somebody plays no rated games, for having ended several before they began.

    Args:
        player_id: a player's primary key.
        now: the time of asking.

    Returns:
        None where they may play.
    """
    ends = Change.objects.filter(game=OuterRef("pk"), kind="end")
    mine = Q(Exists(ends.filter(seat=1)), participant1=player_id) | Q(
        Exists(ends.filter(seat=2)), participant2=player_id
    )
    aborted = Game.objects.filter(
        mine, rated=True, reason=Reason.ABORTED, participant2__isnull=False, create_time__gt=now - _LOOK_BACK
    )
    ends_at = aborted.order_by("-end_time").values_list("end_time", flat=True)[:MOST_ABORTS]
    newest = [at for at in ends_at if at is not None]
    if len(newest) < MOST_ABORTS or newest[0] - newest[-1] > _HOUR or newest[0] + BREAK <= now:
        return None
    return newest[0] + BREAK
