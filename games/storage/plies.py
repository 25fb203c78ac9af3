"""How many discs lie on the board, in SQL: the opening's and those of the log, without what was taken back."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import CombinedExpression, Func
from django.db.models.functions import Coalesce

from games.models import START, TAKEBACK, Change, Move


class _Plies(Func):
    """What the body of a takeback says: how many."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="json_extract(%(expressions)s, '$.plies')", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s)::json->>'plies')::integer", **extra)


class _OpeningPlies(Func):
    """How many plies the body of a start has."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="length(json_extract(%(expressions)s, '$.opening'))", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="length((%(expressions)s)::json->>'opening')", **extra)


def on_board(game: str = "pk", **which: Any) -> CombinedExpression:
    """The number of discs on the board, for a queryset.

    Args:
        game: the queryset's column with the game's ID.
        which: of the changes to look at, as a filter takes it; all of the game's where nothing is said.
    """
    dropped = _of(Move.objects.all(), game, which).annotate(number_of=Count("pk"))
    openings = Change.objects.filter(kind=START).exclude(body="")
    laid_out = _of(openings, game, which).annotate(number_of=Sum(_OpeningPlies("body")))
    back = _of(Change.objects.filter(kind=TAKEBACK), game, which).annotate(number_of=Sum(_Plies("body")))
    return _number(laid_out) + _number(dropped) - _number(back)


def _number(changes: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(changes.values("number_of")), 0)


def _of(changes: QuerySet[Any], game: str, which: dict[str, Any]) -> QuerySet[Any, Any]:
    return changes.filter(game=OuterRef(game), **which).order_by().values("game")
