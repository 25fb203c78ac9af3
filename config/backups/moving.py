"""SQLite to PostgreSQL: every row, in one transaction, compared afterwards."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from config.backups import CannotCopy
from config.backups.checking import faulty_games, opened

_MADE_BY_MIGRATING = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that hold rows in a database that was migrated and never used."""
_CHUNK = 5000
_EACH = 100_000
"""Rows after which there is a line of progress."""

Say = Callable[[str], None]


def move(target: dict[str, Any], say: Say) -> None:
    """Copy the default database, SQLite, to an empty PostgreSQL, and compare the two before anything is kept.

    No server may have the source open, and none can open it meanwhile. In the end it has another name.

    Args:
        target: the new database's settings, as Django has them.
        say: hears lines of progress.

    Raises:
        CannotCopy: says why; the target then has tables without rows at most, and the source is as it was.
    """
    # No pool: one connection, which must end with us.
    options = {name: value for name, value in target.get("OPTIONS", {}).items() if name != "pool"}
    with _source_alone(), opened("target", {**target, "OPTIONS": options, "CONN_HEALTH_CHECKS": False}):
        try:
            _make_tables()
            with transaction.atomic("target"):
                _hold_empty_tables()
                _copy_all(say)
                _compare_games(say)
            # The lock is still held: a server that still uses this file finds it gone and writes no more.
            say(f"the SQLite database is kept as {_put_aside()}")
        except (DatabaseError, psycopg.Error) as error:
            raise CannotCopy(f"the target refuses: {_line(error)}") from None


def _models() -> list[type[models.Model]]:
    """All that have a table, those between two many-to-many sides too."""
    return [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]


def _tables() -> set[str]:
    return {model._meta.db_table for model in _models()} | {"django_migrations"}


# --- the source -------------------------------------------------------------------------------------------------


@contextmanager
def _source_alone() -> Iterator[None]:
    """Have the source for ourselves, as the alias ``source``.

    While a server has a database in WAL mode open, as every server has that ever used it, its journal mode can't be
    changed; once it is changed by a connection with the exclusive locking mode, nobody else can even read until that
    connection ends.
    """
    if connections["default"].vendor != "sqlite":
        raise CannotCopy("only SQLite is moved; for PostgreSQL see pg_dump in docs/operations.md")
    if _is_behind():
        raise CannotCopy("the database is of an older version: run manage.py prepare first")
    connections["default"].close()
    options = {"init_command": "PRAGMA locking_mode=EXCLUSIVE", "transaction_mode": "EXCLUSIVE", "timeout": 1}
    with opened("source", {"OPTIONS": options}):
        try:
            with connections["source"].cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=DELETE")
            with transaction.atomic("source"):
                yield
        except (OperationalError, sqlite3.OperationalError) as error:
            if "locked" not in str(error):
                raise
            raise CannotCopy("the SQLite database is in use: stop every server first") from None


def _put_aside() -> Path:
    path = Path(connections["source"].settings_dict["NAME"])
    return path.rename(path.with_name(f"{path.name}.moved-{time.strftime('%Y-%m-%d-%H%M%S')}"))


def _is_behind() -> bool:
    executor = MigrationExecutor(connections["default"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


# --- the target -------------------------------------------------------------------------------------------------


def _make_tables() -> None:
    there = set(connections["target"].introspection.table_names())
    if strange := sorted(there - _tables()):
        raise CannotCopy(f"the target is not empty: it has a table {strange[0]}")
    if there:
        _refuse_rows()
    call_command("migrate", database="target", verbosity=0, interactive=False)


def _refuse_rows() -> None:
    there = set(connections["target"].introspection.table_names())
    for model in _models():
        table = model._meta.db_table
        if table in there - _MADE_BY_MIGRATING and model._base_manager.using("target").exists():
            raise CannotCopy(f"the target is not empty: there are rows in {table}")


def _hold_empty_tables() -> None:
    """Lock all tables, look again that nobody has written, and remove what migrating made: the source has its own."""
    quote = connections["target"].ops.quote_name
    names = [quote(table) for table in sorted(_tables())]
    with connections["target"].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        try:
            cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE NOWAIT")
        except OperationalError:
            raise CannotCopy("the target is in use: stop what is connected to it") from None
        _refuse_rows()
        for table in ("auth_permission", "django_content_type"):
            cursor.execute(f"DELETE FROM {quote(table)}")  # noqa: S608  names of our own


def _copy_all(say: Say) -> None:
    left_out = sorted(set(connections["source"].introspection.table_names()) - _tables())
    if left_out:
        say(f"left out, since nothing reads them: {', '.join(left_out)}")
    sums = {model: _copy(model, say) for model in _models()}
    connection = connections["target"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    for model, expected in sums.items():
        if _sum(_rows(model, "target")) != expected:
            raise CannotCopy(f"{model._meta.db_table} has other rows on the target than it had")
    rows = sum(count for count, _ in sums.values())
    say(f"compared: {rows:,} rows of {len(sums)} tables are equal")


def _rows(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    return model._base_manager.using(alias).order_by("pk").values_list(*names).iterator(chunk_size=_CHUNK)


def _copy(model: type[models.Model], say: Say) -> tuple[int, int]:
    """Copy a table; how many rows it has, and their sum."""
    connection, table, fields = connections["target"], model._meta.db_table, model._meta.concrete_fields
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    count = total = 0
    row: tuple[Any, ...] = ()
    try:
        with connection.cursor() as cursor, cursor.copy(
            f"COPY {connection.ops.quote_name(table)} ({quoted}) FROM STDIN"
        ) as copy:  # fmt: skip
            for row in _rows(model, "source"):
                copy.write_row([f.get_db_prep_save(value, connection) for f, value in zip(fields, row, strict=True)])
                count, total = count + 1, total + _digest(row)
                if count % _EACH == 0:
                    say(f"{table}: {count:,} rows …")
    except psycopg.Error as error:
        place = error.diag.context or f"{model._meta.pk.attname if model._meta.pk else 'row'} {row[0] if row else ''}"
        raise CannotCopy(f"{table}: {_line(error)} ({place.splitlines()[0][:200]})") from None
    if count:
        say(f"{table}: {count:,} rows")
    return count, total


# --- comparing --------------------------------------------------------------------------------------------------


def _compare_games(say: Say) -> None:
    games, faulty = faulty_games("target", say)
    if faulty:
        raise CannotCopy(f"{faulty} of {games} games don't hold: mend them in the SQLite database first (verify_games)")
    say(f"verified: {games:,} games, none faulty")


def _sum(rows: Iterator[tuple[Any, ...]]) -> tuple[int, int]:
    """How many rows, and a sum that is another when one of them is; their order doesn't matter."""
    count = total = 0
    for row in rows:
        count, total = count + 1, total + _digest(row)
    return count, total


def _digest(row: tuple[Any, ...]) -> int:
    return int.from_bytes(sha256(repr([_plain(value) for value in row]).encode()).digest())


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
