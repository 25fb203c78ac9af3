"""Reading what is stored: live games from their logs, two queries however many.

Everything here is plain synchronous code for whichever thread owns a database connection.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import Participant, RatingShown
from games.game.restoring import restore
from games.game.series import Series
from games.models import Change, Game, GameQuerySet, Player
from games.protocol import Visibility
from games.rules.openings import Opening
from games.rules.time_controls import control_of
from games.storage import prepared
from games.storage.log import Row, change_of
from games.storage.prepared import MANY_AT_ONCE

log = logging.getLogger("fourline.storage")

T = TypeVar("T")

_MOST_LEFT_OUT: Final = 1000
_left_out: set[str] = set()
"""Games of which the log has said that they can't be read: lists are read every few seconds."""


class _Made(NamedTuple):
    """What a game's own row says that its log doesn't: what `_games` reads, in its order."""

    game_id: str
    participant1: Participant
    participant2: Participant | None
    invited: Participant | None
    first_move: int
    visibility: str
    note: str
    takebacks: bool
    initial: int | None
    increment: int | None
    days_per_move: int | None
    opening: str
    series_id: str | None
    series_number: int
    half_points1: int
    half_points2: int
    rated: bool
    rating1: int | None
    provisional1: bool | None
    rating_change1: int | None
    rating2: int | None
    provisional2: bool | None
    rating_change2: int | None
    create_time: datetime


def load(game_id: str) -> LiveGame | None:
    """One game as it is stored now.

    Args:
        game_id: canonical.

    Returns:
        None when there is no such game.
    """
    # The log first: then the game's row is at least as new, and knows whoever joined by the log.
    rows = [_utc_row(row) for row in prepared.rows(_log, [game_id], at_once=1)]
    found = next(prepared.rows(_games, [game_id], at_once=1), None)
    return None if found is None else _live(_made(found), rows)


def load_some(game_ids: Sequence[str]) -> list["LiveGame | Exception | None"]:
    """Games as they are stored now, in two queries.

    Args:
        game_ids: canonical; the same one may come twice.

    Returns:
        For each its game, None where there is none, or what was wrong with its rows.
    """
    logs: dict[str, list[Row]] = {pk: [] for pk in game_ids}
    for row in prepared.rows(_log, [*logs]):
        logs[row[0]].append(_utc_row(row))
    found = {row[0]: row for row in prepared.rows(_games, [*logs])}
    return [
        _or_fault(lambda pk: _live(_made(found[pk]), logs[pk]), pk) if pk in found else None for pk in game_ids
    ]  # fmt: skip


def _or_fault(read: Callable[[T], LiveGame], rows: T) -> "LiveGame | Exception":
    try:
        return read(rows)
    except Exception as error:  # rows that somebody has changed by hand: anything may be wrong with them
        return error


def _made(found: tuple[Any, ...]) -> _Made:
    game_id, *rest = found
    size = len(_OF_PLAYER)
    one, *others = (rest[size * index : size * (index + 1)] for index in range(len(_PEOPLE)))
    people = [_participant(*one), *(None if other[0] is None else _participant(*other) for other in others)]
    return _Made._make((game_id, *people, *rest[size * len(_PEOPLE) : -1], utc(rest[-1])))


def _participant(player_id: int, name: str, computer: int | None, guest: int, bot: int) -> Participant:
    """A participant from what a driver gives: SQLite's has no booleans."""
    return Participant(player_id, name, computer, bool(guest), bool(bot))


def _utc_row(found: tuple[Any, ...]) -> Row:
    game_id, number, kind, seat, column, at, body = found
    return Row(game_id, number, kind, seat, column, utc(at), body)


def load_all(games: GameQuerySet) -> list[LiveGame]:
    """Games of a queryset, in its order, but for those whose rows make no game.

    Args:
        games: names and moves are fetched with it.
    """
    return [*those_that_hold(games.with_names_and_moves())]


def those_that_hold(games: Iterable[Game]) -> Iterator[LiveGame]:
    """Stored games as live ones. One whose rows make no game is left out of a list, so that the others are shown.

    Args:
        games: fetched `with_names_and_moves`.
    """
    for game in games:
        live = _or_fault(as_live, game)
        if isinstance(live, LiveGame):
            yield live
        elif game.pk not in _left_out:
            if len(_left_out) == _MOST_LEFT_OUT:
                _left_out.clear()
            _left_out.add(game.pk)
            log.error("game %s is in no list, since it can't be read: %r; verify_games tells more", game.pk, live)


def as_live(game: Game) -> LiveGame:
    """A stored game as a live one.

    Args:
        game: fetched `with_names_and_moves`.

    Raises:
        rules.IllegalDrop: its moves are no legal game.
    """
    second, invited = game.participant2, game.invited
    made = _Made(
        game.pk, game.participant1.participant, None if second is None else second.participant,
        None if invited is None else invited.participant, game.first_move,
        game.visibility, game.note, game.takebacks, game.initial, game.increment, game.days_per_move,
        game.opening, game.series_id, game.series_number, game.half_points1, game.half_points2,
        game.rated, game.rating1, game.provisional1, game.rating_change1, game.rating2, game.provisional2,
        game.rating_change2, game.create_time,
    )  # fmt: skip
    rows = (Row(game.pk, row.number, row.kind, row.seat, row.column, row.at, row.body) for row in game.changes.all())
    return _live(made, rows)


def _live(made: _Made, rows: Iterable[Row]) -> LiveGame:
    new = NewGame(
        game_id=made.game_id,
        participant1=made.participant1,
        first_move=made.first_move,
        visibility=Visibility(made.visibility),
        create_time=made.create_time,
        takebacks=bool(made.takebacks),
        time_control=control_of(made.initial, made.increment, made.days_per_move),
        series=_series(made),
        opening=Opening(made.opening),
        rated=bool(made.rated),
        ratings=(_shown(made.rating1, made.provisional1, made.rating_change1), None),
        invited=made.invited,
    )
    in_game: dict[str, object] = {"note": made.note}
    if made.participant2 is not None:
        in_game["participant"] = made.participant2
        in_game["rating"] = _shown(made.rating2, made.provisional2, made.rating_change2)
    return restore(new, (change_of(row, in_game) for row in rows))


def _series(made: _Made) -> Series:
    first_id = made.game_id if made.series_id is None else made.series_id
    return Series(first_id, made.series_number, (made.half_points1, made.half_points2))


def _shown(rating: int | None, provisional: int | None, change: int | None) -> RatingShown | None:
    return None if rating is None else RatingShown(rating, bool(provisional), change)


# --- the two queries of a load ----------------------------------------------------------------------------------


_PEOPLE = ("participant1", "participant2", "invited")
_OF_PLAYER = ("", "__name", "__computer", "__guest", "__bot")
"""What is read of each of them, after the field's name: the fields of a `Participant`, in their order."""


def _games(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    people = [f"{seat}{field}" for seat in _PEOPLE for field in _OF_PLAYER]
    return Game.objects.filter(pk__in=game_ids).order_by().values_list(
        "pk", *people, "first_move", "visibility", "note", "takebacks", "initial", "increment", "days_per_move",
        "opening", "series_id", "series_number", "half_points1", "half_points2", "rated", "rating1", "provisional1",
        "rating_change1", "rating2", "provisional2", "rating_change2", "create_time",
    )  # fmt: skip


def _log(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Change.objects.filter(game__in=game_ids).order_by("game", "number").values_list(*Row._fields)


def utc(time: datetime) -> datetime:
    """A time of a prepared query. SQLite gives it as it was stored, in UTC and without saying so."""
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


# --- where games stand ------------------------------------------------------------------------------------------


def numbers(game_ids: Iterable[str]) -> dict[str, int]:
    """How many changes are stored of each of these games: who knows of fewer is behind.

    Args:
        game_ids: canonical; unknown ones are left out of the result.
    """
    return dict(prepared.rows(_numbers, [*game_ids], MANY_AT_ONCE))


def _numbers(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Game.objects.filter(pk__in=game_ids).order_by().annotate(number=last_number()).values_list("pk", "number")


def last_number() -> Coalesce:
    """How many changes are stored of a game of a queryset: the end of its index, and no count, which would read all."""
    last = Change.objects.filter(game=OuterRef("pk")).order_by("-number").values("number")[:1]
    return Coalesce(Subquery(last), 0)


def renamed(since: datetime) -> dict[int, Participant]:
    """People who have had another name before, as they are now, by their primary keys.

    Args:
        since: when they had it.
    """
    return {player.pk: player.participant for player in Player.objects.filter(renamed_at__gte=since)}
