"""The journal's statements: a change is stored if, and only if, the store stands where the change starts from.

All changes of a batch are rows of one INSERT into the log, whatever their kind. That a game's next number is free is
the test, and the unique key of (game, number) makes it: of two processes that insert the same number one succeeds.
What lists and constraints need is written into the game's own row besides. The one difference between SQLite and
PostgreSQL is how many rows are inserted at once (`inserting`); all else is the same SQL. Everything runs inside the
transaction of the caller.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from games.game.changes import Change, Drop, End, GameChange, RematchStart, Start, first_changes
from games.game.due import DESERTED_AFTER, due_at_first
from games.game.live import LoggedChange
from games.game.new_game import NewGame
from games.game.people import RatingShown
from games.game.series import Series
from games.protocol import Outcome, State
from games.rules.time_controls import parts_of
from games.storage.inserting import insert, time_as_stored

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
        ours = _locked(cursor, changes, skip_locked) if connection.vendor == "postgresql" else changes
        taken = insert(connection, cursor, [change for change in ours if isinstance(change, LoggedChange)])
        effects: list[bool | None] = [
            change.game_id in taken and _follow_up(connection, cursor, change)
            if isinstance(change, LoggedChange)
            else _store_new(connection, cursor, change)
            for change in ours
        ]
    if ours is changes:
        return effects
    by_game = dict(zip((change.game_id for change in ours), effects, strict=True))
    return [by_game.get(change.game_id) for change in changes]


def are_rows_alone(changes: Sequence[Storable]) -> bool:
    """Whether a batch is rows of the log and nothing else, as most are: no game begins or ends with it."""
    return all(
        isinstance(change, LoggedChange)
        and not isinstance(change, Start | End | RematchStart)
        and not (isinstance(change, Drop) and change.outcome is not None)
        for change in changes
    )


def may_have_committed(error: Exception) -> bool:
    """Whether the error of a statement that is a transaction of its own leaves open what became of it.

    The connection is gone, or the server ends it, which it may do while a commit waits for a standby.
    """
    return leaves_in_doubt(_sqlstate(error))


def leaves_in_doubt(state: str | None) -> bool:
    """The same, of PostgreSQL's code for the error; None where the connection gave none."""
    return state is None or state.startswith(("08", "57P"))


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


def _locked(cursor: CursorWrapper, changes: Sequence[Storable], skip_locked: bool) -> Sequence[Storable]:
    """Lock what a batch writes to, and say which of its changes can be stored now."""
    locked = _lock(cursor, [change.game_id for change in changes], skip_locked)
    makers = _lock_makers(cursor, changes, skip_locked)
    if not skip_locked:
        return changes
    return [change for change in changes if change.game_id in locked or _needs_no_game(change, makers)]


def _lock(cursor: CursorWrapper, game_ids: list[str], skip_locked: bool) -> set[str]:
    """Lock the batch's games, always in the same order; which are locked now.

    Their own rows are written after the log's. Tried on PostgreSQL: FOR SHARE, or rows in any other order, deadlocks
    between two processes' batches.
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
    started, due_at = (
        time_as_stored(connection, start.at),
        time_as_stored(connection, start.due_at or start.at + DESERTED_AFTER),
    )
    cursor.execute(
        "UPDATE games_game SET state = 'in-progress', participant2_id = %s, start_time = %s, due_at = %s,"
        " rating2 = %s, provisional2 = %s WHERE id = %s",
        [start.participant.player_id, started, due_at, *_rating_row(2, start.rating).values(), start.game_id],
    )


def _finish(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, change: GameChange, outcome: Outcome, note: str = ""
) -> None:
    cursor.execute(
        "UPDATE games_game SET state = 'finished', winner = %s, reason = %s, end_time = %s, note = %s WHERE id = %s",
        [outcome.winner, outcome.reason.value, time_as_stored(connection, change.at), note, change.game_id],
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
        "takebacks": new.takebacks,
        "opening": new.opening.value,
        "rated": new.rated,
        **_rating_row(1, new.ratings[0]),
        **_rating_row(2, new.ratings[1]),
        **dict(zip(("initial", "increment", "days_per_move"), parts_of(new.time_control), strict=True)),
        "reason": "",
        "note": "",
        "create_time": time_as_stored(connection, new.create_time),
        "start_time": new.start_time and time_as_stored(connection, new.start_time),
        "due_at": time_as_stored(connection, due_at_first(new)),
        "rematch_of_id": new.rematch_of,
        **_series_row(new.series),
        **({} if new.invited is None else {"invited_id": new.invited.player_id}),
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
    insert(connection, cursor, first_changes(new))
    return True


def _series_row(series: Series | None) -> dict[str, Any]:
    """What the first game of a series has by default."""
    if series is None:
        return {}
    return {
        "series_id": series.id, "series_number": series.number,
        "half_points1": series.before[0], "half_points2": series.before[1],
    }  # fmt: skip


def _rating_row(seat: int, shown: RatingShown | None) -> dict[str, int | bool | None]:
    rating, provisional = (None, None) if shown is None else shown[:2]
    return {f"rating{seat}": rating, f"provisional{seat}": provisional}


def _store_trial(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> bool:
    """Write what changes nothing, and yet has to reach the disk: a full one shows, and one that may only be read."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_logical_emit_message(true, 'fourline', '')")
        return True
    cursor.execute("PRAGMA user_version")
    (version,) = cursor.fetchone()
    cursor.execute(f"PRAGMA user_version = {version:d}")
    return True
