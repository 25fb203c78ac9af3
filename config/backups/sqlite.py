"""SQLite: a backup is a database file, compacted, as of one moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from config.backups import CannotCopy


def write(settings: dict[str, Any], target: Path) -> None:
    """Copy the database as it is now, while others write to it.

    ``VACUUM INTO`` reads one snapshot. (``.backup`` begins again whenever somebody has written, so under play it may
    never end.)

    Args:
        settings: the database's, as Django has them.
        target: an empty file, or none.

    Raises:
        CannotCopy: says why.
    """
    source = Path(settings["NAME"])
    if not source.exists():
        raise CannotCopy(f"there is no database at {source}")
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=5)) as connection:
            connection.execute("VACUUM INTO ?", [str(target)])
    except sqlite3.Error as error:
        raise CannotCopy(f"cannot back up {source}: {error}") from None


@contextmanager
def restored(settings: dict[str, Any], backup: Path) -> Iterator[dict[str, Any]]:
    """The backup as a database to read. It is one already: put in place it would be the same file.

    Args:
        settings: those of the database that was backed up.
        backup: what `write` has made.

    Yields:
        Settings of the restored database.

    Raises:
        CannotCopy: it is damaged.
    """
    # Read only, so that SQLite makes no journal beside it.
    address = f"{backup.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise CannotCopy(f"the backup can't be restored: {error}") from None
    if found != "ok" or dangling:
        raise CannotCopy(
            f"the backup can't be restored: {found if found != 'ok' else f'dangling rows in {dangling[0]}'}"
        )
    yield {**settings, "NAME": address, "OPTIONS": {}}
