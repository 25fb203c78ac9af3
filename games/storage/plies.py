"""How many discs lie on the board, in SQL: those of the log without those that were taken back."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import CombinedExpression, Func
from django.db.models.functions import Coalesce

from games.models import TAKEBACK, Change, Move


class _Plies(Func):
    """What the body of a takeback says: how many."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="json_extract(%(expressions)s, '$.plies')", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s)::json->>'plies')::integer", **extra)


def on_board(game: str = "pk", **which: Any) -> CombinedExpression:
    """The number of discs on the board, for a queryset.

    Args:
        game: the queryset's column with the game's ID.
        which: of the changes to look at, as a filter takes it; all of the game's where nothing is said.
    """
    dropped = _of(Move.objects.all(), game, which).annotate(number_of=Count("pk"))
    back = _of(Change.objects.filter(kind=TAKEBACK), game, which).annotate(number_of=Sum(_Plies("body")))
    return Coalesce(Subquery(dropped.values("number_of")), 0) - Coalesce(Subquery(back.values("number_of")), 0)


def _of(changes: QuerySet[Any], game: str, which: dict[str, Any]) -> QuerySet[Any, Any]:
    return changes.filter(game=OuterRef(game), **which).order_by().values("game")
