"""What the lobby lists, read from the store: who waits, what is being played, and one's own games.

Plain synchronous code; the page and the hub (`lobby.hub`) both read through it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest

from django.db.models import Exists, OuterRef, Q

from games.game.live import LiveGame
from games.models import Game, GameQuerySet, Move
from games.protocol import GameObject, State
from games.storage import loading
from games.storage.loading import Mark

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
        waiting=loading.load_all(waiting(now)[:MAX_WAITING]),
        playing=loading.load_all(playing(now)[:MAX_PLAYING]),
        mine=[]
        if player_id is None
        else sorted(loading.load_all(unfinished_of([player_id])), key=_pressing(player_id)),
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


# --- for the hub ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What a hub knows: the ground on which it asks for news.

    Attributes:
        waiting: when each waiting game that may be listed was made, by its ID.
        playing: when each game that may be listed as being played began, by its ID.
        mine: the IDs of the unfinished games of each person who listens.
        waiting_ids: the waiting games that are listed, newest first.
        playing_ids: the games being played that are listed, the last started first.
        games: the games as last read: those in the lists and people's own.
    """

    waiting: dict[str, datetime] = field(default_factory=dict)
    playing: dict[str, datetime] = field(default_factory=dict)
    mine: dict[int, set[str]] = field(default_factory=dict)
    waiting_ids: list[str] = field(default_factory=list)
    playing_ids: list[str] = field(default_factory=list)
    games: dict[str, GameObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What a hub wants to know.

    Attributes:
        changed: IDs of games that changed.
        is_complete: whether to read anew what is listed, whatever changed.
        listening: people whose own games matter.
        arriving: those of them of whom nothing is known yet.
    """

    changed: frozenset[str]
    is_complete: bool
    listening: frozenset[int]
    arriving: frozenset[int]


def catch_up(known: Known, question: Question, now: datetime) -> Known:
    """What is known after looking into the store: only games that changed are read, and those that come into a list.

    Args:
        known: what was known before; it is not altered.
        question: what to look for.
        now: the time of looking.
    """
    waiting_now, playing_now = waiting(now), playing(now)
    if question.is_complete:
        before_waiting, before_playing = {}, {}
    else:
        waiting_now = waiting_now.filter(pk__in=question.changed)
        playing_now = playing_now.filter(pk__in=question.changed)
        before_waiting, before_playing = (
            {pk: time for pk, time in times.items() if pk not in question.changed}
            for times in (known.waiting, known.playing)
        )
    all_waiting = before_waiting | dict(waiting_now.values_list("pk", "create_time"))
    started = playing_now.values_list("pk", "start_time")
    all_playing = before_playing | {pk: time for pk, time in started if time is not None}
    mine = _mine(known, question)
    waiting_ids, playing_ids = _newest(all_waiting, MAX_WAITING), _newest(all_playing, MAX_PLAYING)
    games = _games({*waiting_ids, *playing_ids}.union(*mine.values()), known, question)
    return Known(all_waiting, all_playing, mine, waiting_ids, playing_ids, games)


def _mine(known: Known, question: Question) -> dict[int, set[str]]:
    """The own games of everybody who listens."""
    anew = question.listening if question.is_complete else question.arriving
    mine = {player_id: set() if player_id in anew else known.mine[player_id] - question.changed
            for player_id in question.listening}  # fmt: skip
    rows = unfinished_of(list(anew)) if anew else Game.objects.none()
    _share_out(mine, rows)
    if not question.is_complete and question.changed and mine:
        _share_out(mine, unfinished_of(list(mine)).filter(pk__in=question.changed))
    return mine


def _share_out(mine: dict[int, set[str]], games: GameQuerySet) -> None:
    for game_id, *participants in games.values_list("pk", "participant1", "participant2"):
        for player_id in participants:
            if player_id in mine:
                mine[player_id].add(game_id)


def _games(wanted: set[str], known: Known, question: Question) -> dict[str, GameObject]:
    """The games that are wanted: what is known and unchanged is taken over, the rest is read."""
    changed = question.changed | (_outdated(known, wanted) if question.is_complete else set())
    games = {pk: game for pk, game in known.games.items() if pk in wanted and pk not in changed}
    missing = wanted - games.keys()
    if missing:
        read = loading.load_all(Game.objects.filter(pk__in=missing))
        games.update({game.id: game.as_json_object() for game in read})
    return games


def _outdated(known: Known, wanted: set[str]) -> set[str]:
    """Games that changed without our hearing of it."""
    marks = loading.marks(wanted & known.games.keys())
    games = known.games
    return {pk for pk, mark in marks.items() if _seen(mark) != _shown(games[pk])}


def _seen(mark: Mark) -> tuple[object, ...]:
    return mark.state, mark.plies, mark.participant1, mark.participant2


def _shown(game: GameObject) -> tuple[object, ...]:
    return game.state, len(game.moves), game.participant1, game.participant2


def _newest(times: dict[str, datetime], most: int) -> list[str]:
    return nsmallest(most, times, key=lambda pk: (-times[pk].timestamp(), pk))
