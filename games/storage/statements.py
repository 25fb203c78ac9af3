"""The journal's statements: a change is stored if, and only if, the store stands where the change starts from.

All changes of a batch are rows of one INSERT into the log, whatever their kind. That a game's next number is free is
the test, and the unique key of (game, number) makes it: of two processes that insert the same number one succeeds.
What lists and constraints need is written into the game's own row besides. The one difference between SQLite and
PostgreSQL is how many rows are inserted at once (`_insert`); all else is the same SQL. Everything runs inside the
transaction of the caller.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from games.game.changes import Change, Drop, End, GameChange, RematchStart, Start, first_changes
from games.game.due import DESERTED_AFTER, due_at_first
from games.game.live import LoggedChange, NewGame
from games.protocol import Outcome, State
from games.storage.log import Row, row_of

_DEADLOCK_DETECTED, _SERIALIZATION_FAILURE, _LOCK_NOT_AVAILABLE = "40P01", "40001", "55P03"
_INVALID_TRANSACTION_STATE = "25"
"""A class of states: the first two of their five characters."""


class Trial:
    """Changes no game: a commit that shows whether the store takes any."""

    game_id = ""


Storable = Change | Trial


def store(connection: BaseDatabaseWrapper, changes: Sequence[Storable], skip_locked: bool = False) -> list[bool | None]:
    """Store a batch.

    Args:
        connection: Django's, inside a transaction.
        changes: at most one for each game.
        skip_locked: leave out games that another transaction holds, instead of waiting for them; on PostgreSQL.

    Returns:
        For each change whether it took effect; False is a conflict, None was left out.

    Raises:
        django.db.DatabaseError: the transaction is spoiled and must be rolled back.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return _store_each(connection, cursor, changes)
        locked = _lock(cursor, [change.game_id for change in changes], skip_locked)
        makers = _lock_makers(cursor, changes, skip_locked)
        if not skip_locked:
            return _store_each(connection, cursor, changes)
        ours = [change for change in changes if change.game_id in locked or _needs_no_game(change, makers)]
        effects = dict(zip((change.game_id for change in ours), _store_each(connection, cursor, ours), strict=True))
        return [effects.get(change.game_id) for change in changes]


def _store_each(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, changes: Sequence[Storable]
) -> list[bool | None]:
    logged = [change for change in changes if isinstance(change, LoggedChange)]
    taken = _insert(connection, cursor, logged)
    return [
        change.game_id in taken and _follow_up(connection, cursor, change)
        if isinstance(change, LoggedChange)
        else _store_new(connection, cursor, change)
        for change in changes
    ]


def is_worth_retrying(error: Exception) -> bool:
    """Whether PostgreSQL rolled the transaction back only because of its neighbours."""
    return _sqlstate(error) in (_DEADLOCK_DETECTED, _SERIALIZATION_FAILURE)


def is_lock_timeout(error: Exception) -> bool:
    """Whether somebody else holds a row of the batch, for longer than we wait."""
    return _sqlstate(error) == _LOCK_NOT_AVAILABLE


def is_of_session(error: Exception) -> bool:
    """Whether the connection may not write, as to a standby, or sat too long in its transaction: no change's fault."""
    return (_sqlstate(error) or "").startswith(_INVALID_TRANSACTION_STATE)


def _sqlstate(error: Exception) -> str | None:
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def _lock(cursor: CursorWrapper, game_ids: list[str], skip_locked: bool) -> set[str]:
    """Lock the batch's games, always in the same order; which are locked now.

    Tried on PostgreSQL: FOR SHARE, or rows in any other order, deadlocks between two processes' batches; no lock at
    all lets a move into a game that is being resigned.
    """
    statement = "SELECT id FROM games_game WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    cursor.execute(statement + " SKIP LOCKED" * skip_locked, [game_ids])
    return {game_id for (game_id,) in cursor.fetchall()}


def _lock_makers(cursor: CursorWrapper, changes: Sequence[Storable], skip_locked: bool) -> set[int]:
    """Lock the people whose waiting games are counted, so that two processes can't both store the last one; who is
    locked now."""
    makers = [new.participant1.player_id for new in changes if type(new) is NewGame and new.most_waiting is not None]
    if not makers:
        return set()
    statement = "SELECT user_id FROM games_player WHERE user_id = ANY(%s) ORDER BY user_id FOR NO KEY UPDATE"
    cursor.execute(statement + " SKIP LOCKED" * skip_locked, [makers])
    return {player_id for (player_id,) in cursor.fetchall()}


def _needs_no_game(change: Storable, makers: set[int]) -> bool:
    """Whether a change can be stored without any game's lock, and its maker's lock is ours where it needs that."""
    if type(change) is NewGame:
        return change.most_waiting is None or change.participant1.player_id in makers
    return type(change) is Trial


# --- the log ----------------------------------------------------------------------------------------------------

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


def _insert(connection: BaseDatabaseWrapper, cursor: CursorWrapper, changes: Sequence[LoggedChange]) -> set[str]:
    """Insert changes where their number is free; the games whose change took effect."""
    rows = [row_of(change) for change in changes]
    if not rows:
        return set()
    if connection.vendor == "postgresql":
        cursor.execute(_POSTGRESQL_ROWS, [list(values) for values in zip(*rows, strict=True)])
        return {game_id for (game_id,) in cursor.fetchall()}
    return _insert_on_sqlite(connection, cursor, rows)


def _insert_on_sqlite(connection: BaseDatabaseWrapper, cursor: CursorWrapper, rows: Sequence[Row]) -> set[str]:
    # One JSON parameter for the whole batch. No RETURNING: each row of a result is one more hand-over of Python's
    # global lock, for which a busy event loop lets this thread wait; as a rule the count says it all.
    values = [(*row[:5], _time(connection, row.at), row.body) for row in rows]
    cursor.execute(_SQLITE_ROWS, [msgspec.json.encode(values).decode()])
    if cursor.rowcount == len(rows):
        return {row.game_id for row in rows}
    if cursor.rowcount == 0:
        return set()
    # AUTOINCREMENT under the write lock: the rows of this statement have the last consecutive numbers.
    cursor.execute(_SQLITE_TAKEN, [cursor.lastrowid - cursor.rowcount])
    return {game_id for (game_id,) in cursor.fetchall()}


# --- what the game's own row says too, for lists and constraints ------------------------------------------------


def _follow_up(connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: GameChange) -> bool:
    """What a change that is in the log alters besides; whether the change stays there."""
    match change:
        case Start():
            _start(connection, cursor, change)
        case Drop(outcome=Outcome() as outcome):
            _finish(connection, cursor, change, outcome)
        case End():
            _finish(connection, cursor, change, change.outcome, change.note)
        case RematchStart(new_game=NewGame() as new):
            return _store_rematch(connection, cursor, change, new)
    return True


def _start(connection: BaseDatabaseWrapper, cursor: CursorWrapper, start: Start) -> None:
    started, due_at = _time(connection, start.at), _time(connection, start.at + DESERTED_AFTER)
    cursor.execute(
        "UPDATE games_game SET state = 'in-progress', participant2_id = %s, start_time = %s, due_at = %s WHERE id = %s",
        [start.participant.player_id, started, due_at, start.game_id],
    )


def _finish(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: GameChange, outcome: Outcome, note: str = ""
) -> None:
    cursor.execute(
        "UPDATE games_game SET state = 'finished', winner = %s, reason = %s, end_time = %s, note = %s WHERE id = %s",
        [outcome.winner, outcome.reason.value, _time(connection, change.at), note, change.game_id],
    )


def _store_rematch(connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: GameChange, new: NewGame) -> bool:
    if _store_new_game(connection, cursor, new):
        return True
    # Its ID is taken: the offer stands as it did.
    cursor.execute("DELETE FROM games_change WHERE game_id = %s AND number = %s", [change.game_id, change.number])
    return False


# --- what is not in the log --------------------------------------------------------------------------------------


def _store_new(connection: BaseDatabaseWrapper, cursor: CursorWrapper, new: NewGame | Trial) -> bool:
    if isinstance(new, Trial):
        return _store_trial(connection, cursor)
    return _store_new_game(connection, cursor, new)


def _store_new_game(connection: BaseDatabaseWrapper, cursor: CursorWrapper, new: NewGame) -> bool:
    row = {
        "id": new.game_id,
        "participant1_id": new.participant1.player_id,
        "participant2_id": new.participant2 and new.participant2.player_id,
        "first_move": new.first_move,
        "state": (State.WAITING if new.start_time is None else State.IN_PROGRESS).value,
        "visibility": new.visibility.value,
        "reason": "",
        "note": "",
        "create_time": _time(connection, new.create_time),
        "start_time": new.start_time and _time(connection, new.start_time),
        "due_at": _time(connection, due_at_first(new)),
        "rematch_of_id": new.rematch_of,
    }
    limit, bounds = "TRUE", []
    if new.most_waiting is not None:
        limit = "(SELECT COUNT(*) FROM games_game WHERE participant1_id = %s AND state = 'waiting') < %s"
        bounds = [new.participant1.player_id, new.most_waiting]
    cursor.execute(
        f"INSERT INTO games_game ({', '.join(row)}) SELECT {', '.join(['%s'] * len(row))} WHERE {limit}"
        " ON CONFLICT DO NOTHING",
        [*row.values(), *bounds],
    )
    if cursor.rowcount != 1:
        return False
    _insert(connection, cursor, first_changes(new))
    return True


def _store_trial(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> bool:
    """Write what changes nothing, and yet has to reach the disk: a full one shows, and one that may only be read."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_logical_emit_message(true, 'fourline', '')")
        return True
    cursor.execute("PRAGMA user_version")
    (version,) = cursor.fetchone()
    cursor.execute(f"PRAGMA user_version = {version:d}")
    return True


def _time(connection: BaseDatabaseWrapper, time: datetime) -> Any:
    if connection.vendor == "sqlite" and time.tzinfo is UTC:
        # What Django's adaptation comes to, in a fifth of the time; it is called for every move.
        return f"{time.replace(tzinfo=None)}"
    return connection.ops.adapt_datetimefield_value(time)
