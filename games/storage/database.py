"""The database connections of our own threads, the journal's and the readers': kept open, and never waiting for long.

Django's pool serves the pages. A thread that keeps its connection for its whole life gains nothing by a pool, and
would wait for the pool's growing back-off after PostgreSQL was away.
"""

from copy import deepcopy

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

Connection = psycopg.Connection[tuple[object, ...]]

LOCK_TIMEOUT = 1000
"""Milliseconds that a statement waits for a row that another transaction holds."""
STATEMENT_TIMEOUT = 1800
"""Milliseconds; a caller waits 2 s, and a time-out that is known is better than one that isn't."""
IDLE_TRANSACTION_TIMEOUT = 2000
"""Milliseconds after which PostgreSQL rolls back a transaction whose process has vanished or stopped."""

_POSTGRESQL_OPTIONS = {
    "options": (
        f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout={STATEMENT_TIMEOUT}"
        f" -c idle_in_transaction_session_timeout={IDLE_TRANSACTION_TIMEOUT}"
    ),
}
_PAGES = "-c lock_timeout=2000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=20000"
"""Milliseconds: a long list of the admin takes some seconds, and nobody waits for more."""
_PLANNED_ONCE = {"server_side_binding": True, "prepare_threshold": 2}
"""For those who only read: the same few questions are planned once a connection. Loading a game took PostgreSQL 310
microseconds with a plan each time, and takes 100."""
_MAY_PREPARE = {"prepare_threshold": 2}
"""For the writer: without a threshold psycopg prepares nothing, not even what asks for it (`inserting.insert_alone`).
All else is sent as text and planned anew: a large batch with a plan for its size costs less (26 microseconds a move
instead of 32)."""


def use_own_connection(is_journal: bool = False) -> None:
    """Give the running thread a connection of its own, outside Django's pool and with our time-outs.

    Args:
        is_journal: whether it is the writer's. Its commits don't stop to copy SQLite's log into the database (see
            `games.storage.checkpoints`), and PostgreSQL plans all but its small batches anew.
    """
    connections["default"] = _connection(_own_settings(is_journal))


def connect_for_rows() -> Connection:
    """A connection to PostgreSQL as the writer's is, for nobody's thread.

    Raises:
        django.db.DatabaseError: it can't be had.
    """
    wrapper = _connection(_own_settings(is_journal=True))
    wrapper.connect()
    connection: Connection = wrapper.connection
    wrapper.connection = None
    return connection


def _own_settings(is_journal: bool) -> dict[str, object]:
    settings = deepcopy(connections["default"].settings_dict)
    options = settings["OPTIONS"]
    if settings["ENGINE"] == "django.db.backends.postgresql":
        options.pop("pool", None)
        given = options.get("options", "").removeprefix(_PAGES)
        settings["OPTIONS"] = {**_POSTGRESQL_OPTIONS, **(_MAY_PREPARE if is_journal else _PLANNED_ONCE), **options}
        settings["OPTIONS"]["options"] = f"{_POSTGRESQL_OPTIONS['options']} {given}".strip()
    elif is_journal:
        options["init_command"] += "; PRAGMA wal_autocheckpoint = 0"
    return settings


def bound_pages() -> None:
    """Give the connections of Django's pool, which serve the pages of this process, their time-outs.

    Commands have none: what an operator starts may take its time.
    """
    settings = connections.settings["default"]
    if settings["ENGINE"] == "django.db.backends.postgresql":
        given = settings["OPTIONS"].get("options", "").removeprefix(_PAGES)
        settings["OPTIONS"]["options"] = f"{_PAGES} {given}".strip()


def _connection(settings: dict[str, object]) -> BaseDatabaseWrapper:
    wrapper: BaseDatabaseWrapper = load_backend(str(settings["ENGINE"])).DatabaseWrapper(settings, "default")
    return wrapper
