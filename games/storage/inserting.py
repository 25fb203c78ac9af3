"""Changes into the log: one INSERT, however many there are, which is the compare-and-set of each."""

import select
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from games.game.live import LoggedChange
from games.storage.log import Row, row_of

_encoder = msgspec.json.Encoder()

PREPARED_UP_TO = 40
"""Rows. Planning costs small batches more than inserting them; large ones are cheaper with a plan for their size."""

# Whether the change before is there is part of the test: a store that has lost what a process still knows, as a
# PostgreSQL's standby may that has become the first, gets no log with a gap.
_SQLITE_ROWS = """
INSERT INTO games_change (game_id, number, kind, seat, "column", at, body)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]')
FROM json_each(%s)
WHERE json_extract(value, '$[1]') = 1 OR EXISTS (
    SELECT 1 FROM games_change WHERE game_id = json_extract(value, '$[0]') AND number = json_extract(value, '$[1]') - 1
)
ON CONFLICT DO NOTHING
"""

_SQLITE_TAKEN = "SELECT game_id FROM games_change WHERE id > %s"

_POSTGRESQL_ROWS = """
INSERT INTO games_change (game_id, number, kind, seat, "column", at, body)
SELECT r.game_id, r.number, r.kind, r.seat, r."column", r.at, r.body
FROM unnest(
    %s::text[], %s::smallint[], %s::text[], %s::smallint[], %s::smallint[], %s::timestamptz[], %s::text[]
) AS r (game_id, number, kind, seat, "column", at, body)
WHERE r.number = 1 OR EXISTS (
    SELECT 1 FROM games_change AS before WHERE before.game_id = r.game_id AND before.number = r.number - 1
)
ON CONFLICT DO NOTHING RETURNING game_id
"""
NUMBERED_ROWS = (_POSTGRESQL_ROWS % tuple(f"${number}" for number in range(1, 8))).encode()
"""The same, as libpq takes it, whose parameters have numbers."""


def insert(connection: BaseDatabaseWrapper, cursor: CursorWrapper, changes: Sequence[LoggedChange]) -> set[str]:
    """Insert changes where their number is free.

    Args:
        connection: Django's.
        cursor: its cursor.
        changes: at most one for each game.

    Returns:
        The games whose change took effect.
    """
    if not changes:
        return set()
    if connection.vendor == "postgresql":
        cursor.execute(_POSTGRESQL_ROWS, _arrays(changes))
        return {game_id for (game_id,) in cursor.fetchall()}
    return _insert_on_sqlite(connection, cursor, [row_of(change) for change in changes])


def insert_alone(connection: BaseDatabaseWrapper, changes: Sequence[LoggedChange]) -> set[str]:
    """`insert` as a transaction of its own, on PostgreSQL: one way there and back instead of four, planned once.

    No game is locked: two processes that insert the same number meet at the unique key, where one waits for the other.
    """
    raw: psycopg.Connection[Any] = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(_POSTGRESQL_ROWS, _arrays(changes), prepare=len(changes) <= PREPARED_UP_TO)
        return {game_id for (game_id,) in cursor.fetchall()}


def has_word(connection: BaseDatabaseWrapper) -> bool:
    """Whether PostgreSQL has said something unasked, which as a rule is that it ends the connection."""
    raw: psycopg.Connection[Any] | None = connection.connection
    if raw is None or raw.closed:
        return False
    watch = select.poll()
    watch.register(raw.fileno(), select.POLLIN)
    return bool(watch.poll(0))


def _arrays(changes: Sequence[LoggedChange]) -> list[list[Any]]:
    """The columns of the rows, in the order of the games' IDs: in any other, two processes' batches may deadlock."""
    rows = sorted(row_of(change) for change in changes)
    return [list(values) for values in zip(*rows, strict=True)]


def as_arrays(changes: Sequence[LoggedChange]) -> list[bytes]:
    """`_arrays` as PostgreSQL reads them: what psycopg makes of them, in a tenth of the time."""
    rows = sorted(row_of(change) for change in changes)
    return [
        b"{" + ",".join([as_element(value) for value in values]).encode() + b"}"
        for as_element, values in zip(_AS_ELEMENT, zip(*rows, strict=True), strict=True)
    ]


def _number(value: object) -> str:
    return "NULL" if value is None else str(value)


def _time(value: object) -> str:
    return _encoder.encode(value).decode()  # between quotes, in UTC


def _quoted(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


_AS_ELEMENT: tuple[Callable[[object], str], ...] = (str, _number, str, _number, _number, _time, _quoted)
"""How to write the columns of a row, in their order. IDs and kinds are letters and digits."""


def _insert_on_sqlite(connection: BaseDatabaseWrapper, cursor: CursorWrapper, rows: Sequence[Row]) -> set[str]:
    # One JSON parameter for the whole batch. No RETURNING: each row of a result is one more hand-over of Python's
    # global lock, for which a busy event loop lets this thread wait; as a rule the count says it all.
    values = [(*row[:5], time_as_stored(connection, row.at), row.body) for row in rows]
    cursor.execute(_SQLITE_ROWS, [_encoder.encode(values).decode()])
    if cursor.rowcount == len(rows):
        return {row.game_id for row in rows}
    if cursor.rowcount == 0:
        return set()
    # AUTOINCREMENT under the write lock: the rows of this statement have the last consecutive numbers.
    cursor.execute(_SQLITE_TAKEN, [cursor.lastrowid - cursor.rowcount])
    return {game_id for (game_id,) in cursor.fetchall()}


def time_as_stored(connection: BaseDatabaseWrapper, time: datetime) -> Any:
    """A time as the database's driver takes it."""
    if connection.vendor == "sqlite" and time.tzinfo is UTC:
        # What Django's adaptation comes to, in a tenth of the time; it is called for every move.
        text = _encoder.encode(time).decode()
        return f"{text[1:11]} {text[12:-2]}"
    return connection.ops.adapt_datetimefield_value(time)
