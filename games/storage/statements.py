"""The journal's statements: each stores a change if, and only if, the store stands where the change starts from.

The one difference between SQLite and PostgreSQL is how many discs are inserted at once (`_insert_drops`); all else is
the same SQL. Everything runs inside the transaction of the caller.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from games.game.changes import Change, Drop, End, OfferChange, RematchStart, Start
from games.game.due import DESERTED_AFTER, due_at_first
from games.game.live import NewGame
from games.models import Game, Move
from games.protocol import State

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
    drops = [change for change in changes if type(change) is Drop]
    taken = _insert_drops(connection, cursor, drops) if drops else set()
    return [
        change.game_id in taken if type(change) is Drop else _STATEMENTS[type(change)](connection, cursor, change)
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


# --- discs ------------------------------------------------------------------------------------------------------

_SQLITE_DROPS = """
INSERT INTO games_move (game_id, ply, "column", played_at)
SELECT games_game.id, json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')
FROM json_each(%s) CROSS JOIN games_game ON games_game.id = json_extract(value, '$[0]')
WHERE games_game.state = 'in-progress'
ON CONFLICT DO NOTHING
"""

_SQLITE_TAKEN = "SELECT game_id FROM games_move WHERE id > %s"

_POSTGRESQL_DROPS = """
INSERT INTO games_move (game_id, ply, "column", played_at)
SELECT games_game.id, d.ply, d."column", d.played_at
FROM unnest(%s::text[], %s::smallint[], %s::smallint[], %s::timestamptz[]) AS d (game_id, ply, "column", played_at)
JOIN games_game ON games_game.id = d.game_id AND games_game.state = 'in-progress'
ON CONFLICT DO NOTHING RETURNING game_id
"""


def _insert_drops(connection: BaseDatabaseWrapper, cursor: CursorWrapper, drops: list[Drop]) -> set[str]:
    """Insert discs where their ply is free and their game in progress; the outcome only with its disc."""
    insert = _insert_on_postgresql if connection.vendor == "postgresql" else _insert_on_sqlite
    taken = insert(connection, cursor, drops)
    for drop in drops:
        if drop.outcome is not None and drop.game_id in taken:
            _finish(connection, cursor, drop.game_id, drop.outcome, drop.played_at, "")
    return taken


def _insert_on_postgresql(connection: BaseDatabaseWrapper, cursor: CursorWrapper, drops: list[Drop]) -> set[str]:
    rows = ((drop.game_id, drop.ply, drop.column, drop.played_at) for drop in drops)
    cursor.execute(_POSTGRESQL_DROPS, [list(values) for values in zip(*rows, strict=True)])
    return {game_id for (game_id,) in cursor.fetchall()}


def _insert_on_sqlite(connection: BaseDatabaseWrapper, cursor: CursorWrapper, drops: list[Drop]) -> set[str]:
    # One JSON parameter for the whole batch. No RETURNING: each row of a result is one more hand-over of Python's
    # global lock, for which a busy event loop lets this thread wait; as a rule the count says it all.
    rows = [(drop.game_id, drop.ply, drop.column, _time(connection, drop.played_at)) for drop in drops]
    cursor.execute(_SQLITE_DROPS, [msgspec.json.encode(rows).decode()])
    if cursor.rowcount == len(drops):
        return {drop.game_id for drop in drops}
    if cursor.rowcount == 0:
        return set()
    # AUTOINCREMENT under the write lock: the rows of this statement have the last consecutive numbers.
    cursor.execute(_SQLITE_TAKEN, [cursor.lastrowid - cursor.rowcount])
    return {game_id for (game_id,) in cursor.fetchall()}


def _finish(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, game_id: str, outcome: Any, end_time: datetime, note: str
) -> None:
    cursor.execute(
        "UPDATE games_game SET state = 'finished', winner = %s, reason = %s, end_time = %s, note = %s WHERE id = %s",
        [outcome.winner, outcome.reason.value, _time(connection, end_time), note, game_id],
    )


# --- everything else --------------------------------------------------------------------------------------------


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
    return cursor.rowcount == 1


def _store_start(connection: BaseDatabaseWrapper, cursor: CursorWrapper, start: Start) -> bool:
    started = _time(connection, start.start_time)
    due_at = _time(connection, start.start_time + DESERTED_AFTER)
    cursor.execute(
        "UPDATE games_game SET state = 'in-progress', participant2_id = %s, start_time = %s, due_at = %s"
        " WHERE id = %s AND state = 'waiting' AND participant2_id IS NULL",
        [start.participant.player_id, started, due_at, start.game_id],
    )
    return cursor.rowcount == 1


def _store_end(connection: BaseDatabaseWrapper, cursor: CursorWrapper, end: End) -> bool:
    # The plies are part of the test: the end's version counts them, so it must not come after a move unseen.
    cursor.execute(
        "SELECT 1 FROM games_game WHERE id = %s AND state = %s"
        " AND (SELECT COUNT(*) FROM games_move WHERE game_id = games_game.id) = %s",
        [end.game_id, end.from_state.value, end.plies],
    )
    if cursor.fetchone() is None:
        return False
    _finish(connection, cursor, end.game_id, end.outcome, end.end_time, end.note)
    return True


def _store_offer_change(connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: OfferChange) -> bool:
    cursor.execute(
        "UPDATE games_game SET rematch_offered_by = %s WHERE id = %s AND state = 'finished'"
        " AND COALESCE(rematch_offered_by, 0) = %s"
        " AND NOT EXISTS (SELECT 1 FROM games_game AS following WHERE following.rematch_of_id = games_game.id)",
        [change.offered_by, change.game_id, change.standing or 0],
    )
    return cursor.rowcount == 1


def _store_rematch_start(connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: RematchStart) -> bool:
    # Whether the offer still stands is part of the test: it may have been taken back meanwhile.
    cursor.execute(
        "UPDATE games_game SET rematch_offered_by = NULL WHERE id = %s AND rematch_offered_by = %s",
        [change.game_id, change.offered_by],
    )
    if cursor.rowcount != 1:
        return False
    if _store_new_game(connection, cursor, change.new_game):
        return True
    # Its ID is taken, or another rematch stands: the offer is put back as it was.
    cursor.execute("UPDATE games_game SET rematch_offered_by = %s WHERE id = %s", [change.offered_by, change.game_id])
    return False


def _store_trial(connection: BaseDatabaseWrapper, cursor: CursorWrapper, trial: Trial) -> bool:
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


_STATEMENTS: dict[type, Any] = {
    NewGame: _store_new_game,
    Start: _store_start,
    End: _store_end,
    OfferChange: _store_offer_change,
    RematchStart: _store_rematch_start,
    Trial: _store_trial,
}

# --- after a commit whose answer was lost -----------------------------------------------------------------------


def look_up(changes: Sequence[Storable]) -> list[bool]:
    """Whether each change of a batch is in the store.

    The games are locked first, so that a transaction of ours that is still being committed is waited for.

    Args:
        changes: of one batch, none of them announced yet.
    """
    game_ids = [change.game_id for change in changes]
    rows = Game.objects.select_for_update(no_key=True).filter(pk__in=game_ids).order_by("pk")
    games = {game.pk: game for game in rows}
    return [change.game_id in games and _is_stored(games[change.game_id], change) for change in changes]


def _is_stored(game: Game, change: Storable) -> bool:
    match change:
        case Drop():
            return Move.objects.filter(game=game, ply=change.ply, column=change.column).exists()
        case Trial():
            return False
        case Start():
            return game.participant2_id == change.participant.player_id
        case End():
            return (game.reason, game.winner) == (change.outcome.reason.value, change.outcome.winner)
        case OfferChange():
            return game.rematch_offered_by == change.offered_by
        case RematchStart():
            return Game.objects.filter(pk=change.new_game.game_id, rematch_of=game).exists()
        case NewGame():
            return game.participant1_id == change.participant1.player_id
