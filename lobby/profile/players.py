"""What others see of a player: how many games of which speed, the last ones, and what is being played.

Public games alone. What is read is bounded, however much somebody has played, and comes through indexes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from games.models import Change, Game, Player, Rating
from games.protocol import Reason, State, Visibility
from games.ratings.applying import rating_in
from games.rules.time_controls import Speed, control_of, speed_of
from lobby.models import User
from lobby.profile.history import result_of, with_all_that_lists_show

MOST = 1000
"""Games of each seat that are counted: the newest."""
LAST = 8
"""Games that are shown."""
LIVE_WITHIN = timedelta(minutes=10)
"""An untimed game, or one of days, is being played if there was a move so recently."""
MOST_AT_ONCE = 100
"""Unfinished games among which the one being played is looked for."""


_A_NAME = re.compile("[A-Za-z0-9_-]{2,20}")
"""What no user name can be isn't looked for; PostgreSQL refuses some of it."""


RatingsBySpeed = dict[str, dict[str, int | bool]]
"""Of one player, as the contract writes them."""


@dataclass(slots=True)
class Tally:
    """The games of one speed."""

    speed: Speed
    won: int = 0
    lost: int = 0
    drawn: int = 0
    rating: str = ""
    """As it is shown; empty without a rated game."""

    @property
    def games(self) -> int:
        """All of them."""
        return self.won + self.lost + self.drawn


@dataclass(frozen=True, slots=True)
class Profile:
    """A player as others see it.

    Attributes:
        tallies: of the speeds that were played, the fastest first.
        is_whole: whether all games are counted, and not the newest alone.
        last: the newest games and how each ended for the player.
        playing: the ID of a game that is being played.
    """

    player: Player
    tallies: list[Tally]
    is_whole: bool
    last: list[tuple[Game, str]]
    playing: str | None


class _Row(NamedTuple):
    """Of a game, what counting needs: the fields that are read, in their order."""

    pk: str
    create_time: datetime
    participant1_id: int
    participant2_id: int | None
    state: str
    visibility: str
    winner: int | None
    reason: str
    initial: int | None
    increment: int | None
    days_per_move: int | None


def find(name: str) -> Player | None:
    """Whoever has a name now.

    Args:
        name: in any case.

    Returns:
        None where nobody has it, or who had it is gone.
    """
    if not _A_NAME.fullmatch(name):
        return None
    try:
        user = User.objects.get_by_natural_key(name)
    except User.DoesNotExist:
        return None
    player = Player.objects.of(user)
    player.user = user
    return None if player.name in Player.PLACEHOLDER_NAMES else player


def profile_of(player: Player, now: datetime) -> Profile:
    """A player as others see it, in a handful of queries.

    Args:
        player: with the user.
        now: the time of looking.
    """
    seats = [_newest(seat, player.pk) for seat in ("participant1", "participant2")]
    rows = sorted((row for seat in seats for row in seat if _is_shown(row)), key=lambda row: row.create_time)[::-1]
    is_whole = all(len(seat) < MOST for seat in seats)
    tallies = _tallies(rows, player.pk, ratings_of(player.pk))
    return Profile(player, tallies, is_whole, _last(rows, player.pk), playing(player.pk, now))


def playing(player_id: int, now: datetime) -> str | None:
    """The ID of the public game that somebody plays at this moment, the newest of several.

    Args:
        player_id: a player's primary key.
        now: the time of looking.
    """
    last_at = Change.objects.filter(game=OuterRef("pk")).order_by("-number").values("at")[:1]
    seated = Game.objects.unfinished().filter(Q(participant1=player_id) | Q(participant2=player_id))
    rows = seated.annotate(last_at=Subquery(last_at)).order_by("-create_time")
    fields = rows.values_list("pk", "state", "visibility", "initial", "last_at")[:MOST_AT_ONCE]
    for pk, state, visibility, initial, at in fields:
        is_live = initial is not None or (at is not None and at >= now - LIVE_WITHIN)
        if state == State.IN_PROGRESS and visibility == Visibility.PUBLIC and is_live:
            return str(pk)
    return None


def ratings_of(player_id: int) -> RatingsBySpeed:
    """A player's ratings by speed, as the contract writes them; speeds without a rated game are left out.

    Args:
        player_id: a player's primary key.
    """
    return {
        row.speed: {
            "rating": round(row.rating), "deviation": round(row.deviation),
            "provisional": rating_in(row).is_provisional, "games": row.games,
        }
        for row in Rating.objects.filter(player=player_id, games__gt=0)
    }  # fmt: skip


def _newest(seat: str, player_id: int) -> list[_Row]:
    games = Game.objects.filter(**{seat: player_id}).order_by("-create_time")
    return [_Row._make(row) for row in games.values_list(*_Row._fields)[:MOST]]


def _is_shown(row: _Row) -> bool:
    has_begun = row.participant2_id is not None and row.reason != Reason.ABORTED
    return has_begun and row.visibility == Visibility.PUBLIC


def _tallies(rows: Iterable[_Row], player_id: int, ratings: RatingsBySpeed) -> list[Tally]:
    tallies = {speed: Tally(speed, rating=_in_words(ratings.get(speed.value))) for speed in Speed}
    for row in rows:
        result = result_of(row, player_id)
        if result in ("won", "lost", "drawn"):
            tally = tallies[speed_of(control_of(row.initial, row.increment, row.days_per_move))]
            setattr(tally, result, getattr(tally, result) + 1)
    return [tally for tally in tallies.values() if tally.games or tally.rating]


def _in_words(rating: dict[str, int | bool] | None) -> str:
    return "" if rating is None else f"{rating['rating']}{'?' if rating['provisional'] else ''}"


def _last(rows: list[_Row], player_id: int) -> list[tuple[Game, str]]:
    newest = with_all_that_lists_show(Game.objects.filter(pk__in=[row.pk for row in rows[:LAST]]))
    return [(game, result_of(game, player_id)) for game in newest]
