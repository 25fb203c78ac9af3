"""A batch of changes in one transaction, and what became of each: also where the store was away, locked, or lost the
connection at COMMIT. For the journal's thread and its connection."""

import logging
import time
from collections.abc import Callable, Sequence
from enum import Enum

from django.db import (
    DatabaseError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    connections,
    transaction,
)

from games.game.live import LoggedChange
from games.logs import reason_of
from games.storage import statements
from games.storage.inserting import has_word, insert_alone
from games.storage.looking_up import look_up
from games.storage.statements import Storable

log = logging.getLogger("fourline.journal")

LOOK_UP_INTERVAL = 0.2
"""Seconds between attempts to learn what became of a commit whose answer was lost."""
MAX_ATTEMPTS = 5
"""How often a batch is tried when PostgreSQL breaks a deadlock or a serialisation conflict."""


class Verdict(Enum):
    """What became of a change."""

    STORED = "stored"
    CONFLICT = "conflict"
    """The store holds something else by now; this change took no effect."""
    FAILED = "failed"
    """Withdrawn or rolled back: not stored."""


_VERDICTS = {True: Verdict.STORED, False: Verdict.CONFLICT, None: Verdict.FAILED}


class Commits:
    """The transactions of one writer.

    Args:
        is_closing: whether a commit in doubt is not to be waited for any longer.
    """

    def __init__(self, is_closing: Callable[[], bool]) -> None:
        self._is_closing = is_closing

    def store(self, changes: Sequence[Storable]) -> list[Verdict]:
        """Store a batch.

        Args:
            changes: at most one for each game.

        Returns:
            What became of each, in their order.
        """
        try:
            return self._commit_on_whole_connection(changes)
        except _InDoubt as doubt:
            log.warning("commit of %d changes in doubt: %s", len(changes), doubt.__cause__)
            return self.look_up(changes)
        except (OperationalError, InterfaceError) as error:
            self._forget_broken_connection()
            if statements.is_lock_timeout(error) and len(changes) > 1:
                return self._store_what_is_free(changes)
            log.warning("storage unavailable: %d changes not stored: %s", len(changes), reason_of(error))
            return [Verdict.FAILED] * len(changes)
        except Exception as error:
            if statements.is_of_session(error):
                connections["default"].close()  # the next one may be to another server
                log.warning("storage unavailable: %d changes not stored: %s", len(changes), reason_of(error))
                return [Verdict.FAILED] * len(changes)
            if len(changes) == 1:
                log.exception("a change can't be stored: %r", changes[0])
                return [Verdict.FAILED]
            # One of them spoils the transaction: its neighbours must not suffer for it.
            return [self.store([change])[0] for change in changes]

    def _store_what_is_free(self, changes: Sequence[Storable]) -> list[Verdict]:
        """Some transaction holds one of the games for long: the others must not suffer for it."""
        try:
            return self._commit(changes, skip_locked=True)
        except _InDoubt:
            return self.look_up(changes)
        except (DatabaseError, InterfaceError) as error:
            log.warning("%d changes not stored: %s", len(changes), reason_of(error))
            self._forget_broken_connection()
            return [Verdict.FAILED] * len(changes)

    def _commit_on_whole_connection(self, changes: Sequence[Storable]) -> list[Verdict]:
        """`_commit`; once more with a new connection when it broke before anything could have been stored, as after
        PostgreSQL's restart."""
        try:
            return self._commit(changes)
        except (OperationalError, InterfaceError):
            if not self._forget_broken_connection():
                raise
            return self._commit(changes)

    def _commit(self, changes: Sequence[Storable], skip_locked: bool = False) -> list[Verdict]:
        """One transaction, tried again when PostgreSQL breaks a deadlock or a serialisation conflict."""
        is_one_statement = (
            connections["default"].vendor == "postgresql" and not skip_locked and statements.are_rows_alone(changes)
        )
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return self._insert_alone(changes) if is_one_statement else self._transact(changes, skip_locked)
            except (DatabaseError, InterfaceError) as error:
                if not statements.is_worth_retrying(error):
                    raise
        return self._transact(changes, skip_locked)

    def _transact(self, changes: Sequence[Storable], skip_locked: bool) -> list[Verdict]:
        is_committing = False
        try:
            with transaction.atomic(durable=True):
                stored = statements.store(connections["default"], changes, skip_locked)
                is_committing = True
            return [_VERDICTS[took_effect] for took_effect in stored]
        except (OperationalError, InterfaceError) as error:
            # A foreign key that doesn't hold shows at COMMIT too, but is a certain refusal: an error of another kind.
            if is_committing and not statements.is_worth_retrying(error):
                raise _InDoubt from error
            raise

    def _insert_alone(self, changes: Sequence[Storable]) -> list[Verdict]:
        """A batch that is rows of the log and nothing else: one statement, which is its own transaction."""
        connection = connections["default"]
        if has_word(connection):
            self._forget_broken_connection()
        connection.ensure_connection()
        try:
            taken = insert_alone(connection, [change for change in changes if isinstance(change, LoggedChange)])
        except NotSupportedError:
            # PostgreSQL runs no statement that it prepared before a migration altered the table: it is prepared anew.
            connection.close()
            return self._transact(changes, skip_locked=False)
        except (OperationalError, InterfaceError) as error:
            if statements.may_have_committed(error):
                raise _InDoubt from error
            raise
        return [Verdict.STORED if change.game_id in taken else Verdict.CONFLICT for change in changes]

    def look_up(self, changes: Sequence[Storable]) -> list[Verdict]:
        """What became of a commit whose answer was lost: asked until the store says so."""
        while True:
            self._forget_broken_connection()
            try:
                with transaction.atomic(durable=True):
                    return [Verdict.STORED if is_stored else Verdict.FAILED for is_stored in look_up(changes)]
            except (DatabaseError, InterfaceError) as error:
                if self._is_closing():
                    log.error("closing with %d changes in doubt: %s", len(changes), reason_of(error))
                    return [Verdict.FAILED] * len(changes)
                time.sleep(LOOK_UP_INTERVAL)

    def _forget_broken_connection(self) -> bool:
        """Close the connection if it is broken; whether it was."""
        connection = connections["default"]
        is_broken = connection.connection is not None and not connection.is_usable()
        if is_broken:
            connection.close()
        return is_broken


class _InDoubt(Exception):
    """The connection failed at COMMIT, or during a batch of one statement: stored or not, nobody knows yet."""
