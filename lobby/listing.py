"""What the lobby lists, read from the store: who waits, what is being played, and one's own games.

Plain synchronous code; the page and the hub (`lobby.hub`) both read through it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from games import store
from games.live import LiveGame
from games.models import Game, GameQuerySet, Move
from games.protocol import State

MAX_WAITING = 100
"""Waiting games in one list; the newest."""

MAX_PLAYING = 24
"""Games to watch in one list; the ones that started last."""

CREATOR_GONE_AFTER = timedelta(seconds=30)
"""How long a waiting game stays listed after its creator was last connected: nobody meets a ghost."""

QUIET_AFTER = timedelta(minutes=10)
"""How long a game is worth watching after its last move."""

PRESENT_WITHIN = timedelta(seconds=30)
"""How recently both participants must have been seen together in a quiet game for it to stay listed."""


def waiting(now: datetime) -> GameQuerySet:
    """Public games that wait for somebody, whose creator is about; newest first.

    Args:
        now: the time at which they are listed.
    """
    creator_is_about = Q(participant1__seen_at__gte=now - CREATOR_GONE_AFTER)
    return Game.objects.waiting().public().filter(creator_is_about).order_by("-create_time", "id")


def playing(now: datetime) -> GameQuerySet:
    """Public games in progress that are alive, the last started first.

    Args:
        now: the time at which they are listed.
    """
    moved = Exists(Move.objects.filter(game=OuterRef("pk"), played_at__gte=now - QUIET_AFTER))
    started = Q(start_time__gte=now - QUIET_AFTER)
    attended = Q(attended_time__gte=now - PRESENT_WITHIN)
    return Game.objects.in_progress().public().filter(started | attended | moved).order_by("-start_time", "id")


def unfinished_of(player_ids: list[int]) -> GameQuerySet:
    """Games that wait or are in progress, private ones included, in which any of these players holds a seat.

    Args:
        player_ids: primary keys of players.
    """
    seated = Q(participant1__in=player_ids) | Q(participant2__in=player_ids)
    return Game.objects.exclude(state=State.FINISHED).filter(seated).order_by("-create_time", "id")


@dataclass(frozen=True, slots=True)
class Listing:
    """The lobby as one person sees it at one moment."""

    waiting: list[LiveGame]
    playing: list[LiveGame]
    mine: list[LiveGame]
    waiting_count: int
    playing_count: int


def read(player_id: int | None, now: datetime) -> Listing:
    """Everything that the page shows, in a fixed number of queries.

    Args:
        player_id: whose own games to list too; None for somebody who is not signed in.
        now: the time at which they are listed.
    """
    return Listing(
        waiting=store.load_all(waiting(now)[:MAX_WAITING]),
        playing=store.load_all(playing(now)[:MAX_PLAYING]),
        mine=[] if player_id is None else sorted(store.load_all(unfinished_of([player_id])), key=_pressing(player_id)),
        waiting_count=waiting(now).count(),
        playing_count=playing(now).count(),
    )


def _pressing(player_id: int):  # type: ignore[no-untyped-def]  # a key for sorted
    """My move first, then theirs, then what waits; newest first within each, as they come."""

    def key(game: LiveGame) -> int:
        if game.state is State.WAITING:
            return 2
        return 0 if game.turn == game.seat_of(player_id) else 1

    return key
