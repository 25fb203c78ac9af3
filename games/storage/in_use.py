"""Whether other processes have the database open."""

import sqlite3
from contextlib import closing

from django.db import connections

_OTHERS = """
SELECT pid, application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND application_name NOT IN ('psql', 'pg_dump')
ORDER BY pid
"""


def by_others(alias: str) -> str:
    """Who has the database open besides this process, in words; empty where nobody has.

    Args:
        alias: of the database. Its connection is closed: what this process has itself must not count.
    """
    connection = connections[alias]
    connection.close()
    if connection.vendor == "sqlite":
        return _sqlite(str(connection.settings_dict["NAME"]))
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
    return _postgresql(alias)


def _sqlite(path: str) -> str:
    """A database in WAL mode that others have open can't be taken out of it."""
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Any other fault the migration meets too, and tells better.
            return f"another process has {path} open" if "locked" in str(error) else ""
    return ""


def _postgresql(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(_OTHERS)
        found = cursor.fetchall()
    connections[alias].close()
    if not found:
        return ""
    pid, name = found[0]
    return f"process {pid} ({name or 'a server'}) is connected to the database"
