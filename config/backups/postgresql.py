"""PostgreSQL: a backup is what ``pg_dump`` writes in its custom format; ``pg_restore`` reads it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from config.backups import CannotCopy

_LOCK_TIMEOUT = "10s"
"""How long a dump waits for a migration; while it waits, play doesn't wait for it."""
_MARK = "made by manage.py backup --check, which drops it"
"""The comment of our temporary database: one of that name without it is somebody's, and stays."""


def write(settings: dict[str, Any], target: int) -> None:
    """Dump the database as it is now, while others write to it.

    Args:
        settings: the database's, as Django has them.
        target: descriptor of an empty file.

    Raises:
        CannotCopy: says why.
    """
    _run("pg_dump", settings, "--format=custom", f"--lock-wait-timeout={_LOCK_TIMEOUT}", target=target)


@contextmanager
def restored(settings: dict[str, Any], backup: Path) -> Iterator[dict[str, Any]]:
    """Restore a dump into a temporary database of the same server, dropped in the end.

    Args:
        settings: those of the database that was backed up.
        backup: what `write` has made.

    Yields:
        Settings of the temporary database.

    Raises:
        CannotCopy: no database may be made there, or the dump can't be restored.
    """
    name = f"{settings['NAME'][:48]}_backup_check"
    temporary = {**settings, "NAME": name}
    try:
        with psycopg.connect(_address(settings), autocommit=True, connect_timeout=5) as connection:
            _drop(connection, name)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), _MARK))
                _run(
                    "pg_restore", temporary, "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", str(backup)
                )
                yield temporary
            finally:
                _drop(connection, name)
    except psycopg.errors.InsufficientPrivilege:
        user = sql.Identifier(settings["USER"] or "…").as_string(None)
        raise CannotCopy(
            f"--check needs a temporary database: ALTER ROLE {user} CREATEDB, or check on another server"
        ) from None
    except psycopg.Error as error:
        raise CannotCopy(f"the backup can't be restored: {str(error).splitlines()[0]}") from None


def _drop(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Drop our temporary database, also one that a killed check has left."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [name]).fetchone()
    if row is None:
        return
    if row[0] != _MARK:
        raise CannotCopy(f"--check would use a database {name}, which is there and isn't its own")
    connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _parameters(settings: dict[str, Any]) -> dict[str, Any]:
    """What libpq is to know, of what Django knows."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given = DatabaseWrapper(settings, "backup").get_connection_params()
    return {name: value for name, value in given.items() if name in known and value not in (None, "")}


def _address(settings: dict[str, Any]) -> str:
    return make_conninfo(**_parameters(settings))


def _run(program: str, settings: dict[str, Any], *arguments: str, target: int | None = None) -> None:
    """Run one of PostgreSQL's programs; the password is in its environment, since anybody can read a command line."""
    command = shutil.which(program)
    if command is None:
        raise CannotCopy(
            f"{program} is missing. On Debian: apt install postgresql-client (of the server's version, or newer)"
        )
    parameters = _parameters(settings)
    password = {"PGPASSWORD": str(parameters.pop("password"))} if "password" in parameters else {}
    before, after = (arguments[:-1], arguments[-1:]) if target is None else (arguments, ())
    whole = [command, *before, make_conninfo(**parameters), *after]
    # It must end when this process ends: otherwise it would go on writing to a file that is no backup.
    handler = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        done = subprocess.run(
            whole, env={**os.environ, **password}, stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.PIPE,
            text=True, check=False,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGTERM, handler)
    if done.returncode < 0:
        raise CannotCopy(f"{program} was ended by {signal.Signals(-done.returncode).name}")
    if done.returncode:
        raise CannotCopy(f"{program} failed: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """The first error with its detail, as one line."""
    lines = [line.split(": ", 2)[-1] for line in said.splitlines() if ": error: " in line or ": detail: " in line]
    return ": ".join(lines[:2]) or (said.strip().splitlines() or ["it doesn't say why"])[-1]
