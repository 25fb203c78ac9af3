"""How many games are stored: nearly, and without counting them."""

from django.db import connections

_SMALLEST_ROW = 100
"""Bytes that a game's row takes at least, in PostgreSQL's files."""


def games_stored() -> int:
    """About how many games there are; on PostgreSQL what its statistics say, or more where it has none yet.

    Raises:
        django.db.DatabaseError: the store doesn't answer.
    """
    connection = connections["default"]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            # No game is ever deleted: the newest row's number is the number of rows.
            cursor.execute("SELECT COALESCE(MAX(rowid), 0) FROM games_game")
            return int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT reltuples::bigint, relpages, pg_relation_size(oid) FROM pg_class WHERE oid = 'games_game'::regclass"
        )
        rows, pages, size = cursor.fetchone()
        if rows <= 0 or not pages:
            return int(size) // _SMALLEST_ROW
        # As PostgreSQL's planner estimates it: rows a page at the last ANALYZE, times the pages of now.
        return int(rows * (size / 8192) / pages)
