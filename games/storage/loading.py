"""Reading what is stored: live games from their rows, two queries however many.

Everything here is plain synchronous code for whichever thread owns a database connection.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from games.game.live import LiveGame, NewGame
from games.game.people import Participant
from games.game.restoring import restore
from games.models import Game, Move
from games.protocol import Outcome, Reason, State, Visibility
from games.storage import prepared


class _Row(NamedTuple):
    """What is stored of a game besides its moves: the fields that `_game` reads, in their order."""

    game_id: str
    participant1_id: int
    participant1_name: str
    participant2_id: int | None
    participant2_name: str | None
    first_move: int
    visibility: str
    state: str
    winner: int | None
    reason: str
    note: str
    create_time: datetime
    start_time: datetime | None
    end_time: datetime | None
    rematch_offered_by: int | None
    rematch_id: str | None


def load(game_id: str) -> LiveGame | None:
    """One game as it is stored now.

    Args:
        game_id: canonical.

    Returns:
        None when there is no such game.
    """
    found = next(prepared.rows(_games, [game_id], at_once=1), None)
    if found is None:
        return None
    moves = [(column, utc(played_at)) for column, played_at in prepared.rows(_moves, [game_id], at_once=1)]
    return _live(_Row._make(utc(value) if isinstance(value, datetime) else value for value in found), moves)


def load_some(game_ids: Sequence[str]) -> list["LiveGame | Exception | None"]:
    """Games as they are stored now, in two queries.

    Args:
        game_ids: canonical; the same one may come twice.

    Returns:
        For each its game, None where there is none, or what was wrong with its rows.
    """
    found = {row[0]: row for row in prepared.rows(_games, game_ids)}
    moves: dict[str, list[tuple[int, datetime]]] = {pk: [] for pk in found}
    for pk, column, played_at in prepared.rows(_moves_of_some, [*found]):
        moves[pk].append((column, utc(played_at)))
    return [_live_or_fault(found[pk], moves[pk]) if pk in found else None for pk in game_ids]


def _live_or_fault(found: tuple[Any, ...], moves: list[tuple[int, datetime]]) -> "LiveGame | Exception":
    try:
        return _live(_Row._make(utc(value) if isinstance(value, datetime) else value for value in found), moves)
    except Exception as error:  # rows that somebody has changed by hand: anything may be wrong with them
        return error


def load_all(games: Iterable[Game]) -> list[LiveGame]:
    """Games of a queryset, in its order.

    Args:
        games: a queryset of games; names and moves are fetched with it.
    """
    rows = games.with_names_and_moves() if hasattr(games, "with_names_and_moves") else games
    return [as_live(row) for row in rows]


def as_live(game: Game) -> LiveGame:
    """A stored game as a live one.

    Args:
        game: fetched `with_names_and_moves`.

    Raises:
        rules.IllegalDrop: its moves are no legal game.
    """
    following = getattr(game, "rematch", None)  # the reverse of a one-to-one raises where there is none
    second = game.participant2
    row = _Row(
        game.pk, game.participant1.pk, game.participant1.name, None if second is None else second.pk,
        None if second is None else second.name, game.first_move, game.visibility, game.state, game.winner,
        game.reason, game.note, game.create_time, game.start_time, game.end_time, game.rematch_offered_by,
        following and following.pk,
    )  # fmt: skip
    return _live(row, [(move.column, move.played_at) for move in game.moves.all()])


def _live(row: _Row, moves: list[tuple[int, datetime]]) -> LiveGame:
    participant2 = None
    if row.participant2_id is not None and row.participant2_name is not None:
        participant2 = Participant(row.participant2_id, row.participant2_name)
    new = NewGame(
        game_id=row.game_id,
        participant1=Participant(row.participant1_id, row.participant1_name),
        participant2=participant2,
        first_move=row.first_move,
        visibility=Visibility(row.visibility),
        create_time=row.create_time,
        start_time=row.start_time,
    )
    outcome = Outcome(row.winner, Reason(row.reason)) if row.state == State.FINISHED else None
    game = restore(new, moves, outcome, row.end_time)
    game.note = row.note
    game.rematch_offered_by = row.rematch_offered_by
    game.rematch_id = row.rematch_id
    return game


# --- the two queries of a load ----------------------------------------------------------------------------------


def _games(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Game.objects.filter(pk__in=game_ids).order_by().values_list(
        "pk", "participant1", "participant1__name", "participant2", "participant2__name", "first_move", "visibility",
        "state", "winner", "reason", "note", "create_time", "start_time", "end_time", "rematch_offered_by",
        "rematch__pk",
    )  # fmt: skip


def _moves(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Move.objects.filter(game__in=game_ids).order_by("ply").values_list("column", "played_at")


def _moves_of_some(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Move.objects.filter(game__in=game_ids).order_by("game", "ply").values_list("game", "column", "played_at")


def utc(time: datetime) -> datetime:
    """A time of a prepared query. SQLite gives it as it was stored, in UTC and without saying so."""
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


# --- where games stand ------------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """Where a stored game stands: enough to see whether a live one is behind."""

    state: State
    plies: int
    rematch_offered_by: int | None
    rematch_id: str | None
    participant1: str
    """Names too: a deleted person's is another from then on."""
    participant2: str | None


def mark_of(game: LiveGame) -> Mark:
    """The mark of a live game, to be compared with the stored one."""
    second = game.participant2
    return Mark(
        game.state, len(game.columns), game.rematch_offered_by, game.rematch_id, game.participant1.name,
        None if second is None else second.name,
    )  # fmt: skip


def marks(game_ids: Iterable[str]) -> dict[str, Mark]:
    """Where these games stand.

    Args:
        game_ids: canonical; unknown ones are left out of the result.
    """
    return {pk: Mark(State(state), *rest) for pk, state, *rest in prepared.rows(_marks, [*game_ids])}


def _marks(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    # The last ply, found at the end of its index, and not a count of moves, which would read them all.
    last_ply = Move.objects.filter(game=OuterRef("pk")).order_by("-ply").values("ply")[:1]
    return Game.objects.filter(pk__in=game_ids).order_by().values_list(
        "pk", "state", Coalesce(Subquery(last_ply), 0), "rematch_offered_by", "rematch__pk", "participant1__name",
        "participant2__name",
    )  # fmt: skip
