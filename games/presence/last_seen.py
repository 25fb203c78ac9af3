"""When people were last on the site, and at quiet games.

What lists need to know of presence beyond one process (is the creator about, are both participants present) is kept in
the store, so that a process may die without a word: `Player.seen_at`, kept fresh for people with a waiting game, and
`Game.attended_time` of quiet games.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from games.models import Game, Move, Player
from games.storage import prepared

SEEN_INTERVAL = 10.0
"""Seconds between notes in the store of who is about."""
QUIET_AFTER = timedelta(minutes=9)
"""A game without a move for so long is kept in the list of live ones by `Game.attended_time`."""


def waiting_games(player_ids: Iterable[int]) -> dict[str, int]:
    """The waiting games of people, and who made each.

    Args:
        player_ids: players' primary keys.
    """
    return dict(prepared.rows(_waiting_games, [*player_ids]))


def _waiting_games(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    return Game.objects.waiting().filter(participant1__in=player_ids).values_list("pk", "participant1")


def note_seen(player_ids: Iterable[int], now: datetime) -> None:
    """Write down who is about, or has just gone.

    Args:
        player_ids: players' primary keys.
        now: when.
    """
    Player.objects.filter(pk__in=[*player_ids]).update(seen_at=now)


def quiet_games(game_ids: Iterable[str], now: datetime) -> list[str]:
    """Those games in which nobody has moved for a while.

    Args:
        game_ids: canonical.
        now: when.
    """
    recent = Move.objects.filter(game=OuterRef("pk"), at__gt=now - QUIET_AFTER)
    quiet = Game.objects.in_progress().filter(~Exists(recent), pk__in=game_ids, start_time__lte=now - QUIET_AFTER)
    return list(quiet.values_list("pk", flat=True))


def note_attended(game_ids: Iterable[str], now: datetime) -> None:
    """Write down that both participants of some quiet games are present.

    Args:
        game_ids: canonical.
        now: when.
    """
    Game.objects.filter(pk__in=[*game_ids]).update(attended_time=now)
