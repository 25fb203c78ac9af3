"""Queries that are asked all the time, written once.

Django takes several times as long to write such a query as the store to answer it: a game is loaded for every first
connection to it, hundreds of times a second after a restart, and where games stand and who is signed in is asked for
every game and person, every few seconds.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from django.db import connections
from django.db.models import QuerySet

AT_ONCE = 40
"""Values in one query: an answer is then a matter of half a millisecond, in which no move waits for long."""
MANY_AT_ONCE = 120
"""The same for what is asked all the time of everybody and every game: the way to a reading thread and back costs more
than another 80 short rows."""

Query = Callable[[Sequence[Any]], QuerySet[Any, Any]]
"""Makes a queryset of tuples, filtered by values."""


def rows(query: Query, values: Sequence[str] | Sequence[int], at_once: int = AT_ONCE) -> Iterator[tuple[Any, ...]]:
    """The rows of a query for many values, a slice of them at a time.

    Values come from the database as its driver gives them: SQLite's times have no zone (`games.storage.loading.utc`).

    Args:
        query: a function of a module, by which the written query is remembered.
        values: what it filters by; all text or all numbers.
        at_once: values in one query; what is missing in the last is filled up with one of them.

    Raises:
        django.db.DatabaseError: the store doesn't answer.
    """
    connection = connections["default"]
    for start in range(0, len(values), at_once):
        some = [*values[start : start + at_once]]
        some += some[-1:] * (at_once - len(some))
        sql, slots, constants = _written(query, isinstance(some[0], int), at_once, connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, [constants[n] if slot is None else some[slot] for n, slot in enumerate(slots)])
            yield from cursor.fetchall()


@cache
def _written(
    query: Query, is_of_numbers: bool, at_once: int, vendor: str
) -> tuple[str, list[int | None], tuple[Any, ...]]:
    """The SQL, and for each of its parameters the place of its value, or None for one that is always the same."""
    marks = [-1 - n if is_of_numbers else f"\0{n}" for n in range(at_once)]
    sql, parameters = query(marks).query.sql_with_params()
    slots = [marks.index(parameter) if parameter in marks else None for parameter in parameters]
    if sorted(slot for slot in slots if slot is not None) != list(range(at_once)):
        raise ValueError(f"a query for {vendor} must have each of its values once")
    return sql, slots, parameters
