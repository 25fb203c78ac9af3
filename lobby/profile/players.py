"""What others see of a player: how many games of which speed, the last ones, and what is being played.

Public games alone. A page is read in one statement (`lobby.profile.statement`).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from games.models import Change, Game, Player, Rating
from games.protocol import State, Visibility
from games.ratings.applying import rating_in
from games.rules.time_controls import Speed, control_of, speed_of
from lobby.models import User
from lobby.profile import statement
from lobby.profile.history import result_of
from lobby.profile.ratings import SpeedRating, ratings_over_time
from lobby.profile.statement import MOST_AT_ONCE

LIVE_WITHIN = timedelta(minutes=10)
"""An untimed game, or one of days, is being played if there was a move so recently."""


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
        player: with the user, as far as a page shows it.
        tallies: of the speeds that were played, the fastest first.
        is_whole: whether all games are counted, and not the newest alone.
        last: the newest games and how each ended for the player.
        ratings: how they stand and went.
        playing: the ID of a game that is being played.
        is_blocked: whether who looks has blocked the player.
        is_hidden: whether who looks sees no lines of the player's.
    """

    player: Player
    tallies: list[Tally]
    is_whole: bool
    last: list[tuple[Game, str]]
    ratings: list[SpeedRating]
    playing: str | None
    is_blocked: bool
    is_hidden: bool


def profile_of(name: str, viewer_id: int | None, now: datetime) -> Profile | None:
    """A player as others see it, in one query.

    Args:
        name: in any case.
        viewer_id: who looks; None for somebody who is not signed in.
        now: the time of looking.

    Returns:
        None where nobody has that name, or who had it is gone.
    """
    found = statement.read(name, viewer_id, now - LIVE_WITHIN) if _A_NAME.fullmatch(name) else None
    if found is None:
        return None
    player = _player(found)
    if player.name in Player.PLACEHOLDER_NAMES:
        return None
    ratings = ratings_over_time(found.ratings, found.changes)
    is_whole = all(games < statement.MOST for games in found.seats)
    last = _last(found, player)
    return Profile(
        player, _tallies(found, ratings), is_whole, last, ratings, found.playing, found.is_blocked, found.is_hidden
    )


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


def _player(found: statement.Found) -> Player:
    user = User(pk=found.player_id, username=found.username, date_joined=found.date_joined)
    if found.name is None:  # a user who has never met a game
        return Player.objects.of(user)
    return Player(user=user, name=found.name, computer=found.computer, guest=found.guest, bot=found.bot)


def _tallies(found: statement.Found, ratings: list[SpeedRating]) -> list[Tally]:
    shown = {rating.speed: f"{rating.rating}{'?' if rating.is_provisional else ''}" for rating in ratings}
    tallies = {speed: Tally(speed, rating=shown.get(speed.value, "")) for speed in Speed}
    for seat, initial, increment, days, state, winner, reason, games in found.counts:
        row = Game(state=state, winner=winner, reason=reason, participant1_id=found.player_id if seat == 1 else 0)
        result = result_of(row, found.player_id)
        if result in ("won", "lost", "drawn"):
            tally = tallies[speed_of(control_of(initial, increment, days))]
            setattr(tally, result, getattr(tally, result) + games)
    return [tally for tally in tallies.values() if tally.games or tally.rating]


def _last(found: statement.Found, player: Player) -> list[tuple[Game, str]]:
    games = [_game(row, player) for row in found.last]
    games.sort(key=lambda game: (-game.create_time.timestamp(), game.pk))
    return [(game, result_of(game, player.pk)) for game in games]


def _game(row: list[Any], player: Player) -> Game:
    """A game as a list shows it, with its board."""
    pk, create_time, seat, first_move, state, winner, reason, *control, other_id, name, bot, log = row
    initial, increment, days = control
    other = Player(pk=other_id, name=name, bot=bool(bot))
    first, second = (player, other) if seat == 1 else (other, player)
    game = Game(
        pk=pk, create_time=statement.time_of(create_time), first_move=first_move, state=state, winner=winner,
        reason=reason, initial=initial, increment=increment, days_per_move=days, participant1=first,
        participant2=second,
    )  # fmt: skip
    changes = [Change(number=number, kind=kind, column=column, body=body) for number, kind, column, body in log or ()]
    # As `prefetch_related` leaves it.
    game._prefetched_objects_cache = {"changes": sorted(changes, key=lambda change: change.number)}  # type: ignore[attr-defined]
    return game
