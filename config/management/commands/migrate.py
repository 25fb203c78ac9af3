"""``manage.py migrate``: Django's, which on PostgreSQL never stops play behind a program that reads.

Altering a table waits for everybody who reads it, and everybody who comes later waits behind it: a `pg_dump` beside a
migration stood still all play for as long as it ran. So a lock is waited for a fraction of a second, and the migration
tried again until the table is free.
"""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from django.db.backends.signals import connection_created
from django.db.migrations.executor import MigrationExecutor

from games.storage import in_use
from games.storage.statements import is_lock_timeout

LOCK_TIMEOUT = 300
"""Milliseconds that one attempt may hold play up."""
PAUSE = 2.0
"""Seconds between two attempts: play catches up meanwhile."""

_WHO_READS = """
SELECT pid, COALESCE(NULLIF(application_name, ''), usename), EXTRACT(EPOCH FROM now() - xact_start)::int
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
ORDER BY xact_start LIMIT 1
"""


class Command(Migrate):
    """See the module's text."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's, and how long to try."""
        super().add_arguments(parser)
        parser.add_argument(
            "--wait", type=int, default=600, metavar="SECONDS",
            help="for how long to try again while another program holds a table (PostgreSQL; 600)",
        )  # fmt: skip

    def handle(self, *args: Any, wait: int, **options: Any) -> None:
        """Migrate; again and again while a table is held.

        Raises:
            CommandError: one is held all the time; or servers have to be stopped first.
        """
        alias = options["database"]
        if needs_stop(alias) and (others := in_use.by_others(alias)):
            raise CommandError(f"this upgrade needs a stop: {others}. Stop every server, and run this again")
        if connections[alias].vendor != "postgresql":
            super().handle(*args, **options)
            return
        connection_created.connect(_hurry, dispatch_uid="migrate")
        connections[alias].close()
        try:
            self._try(alias, time.monotonic() + wait, *args, **options)
        finally:
            connection_created.disconnect(dispatch_uid="migrate")
            connections[alias].close()
            # A server that is started afterwards in this process needs the usual time-outs.
            connections[alias].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one

    def _try(self, alias: str, give_up_at: float, *args: Any, **options: Any) -> None:
        is_told = False
        while True:
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not is_lock_timeout(error):
                    raise
                held = f"a table is held by {_reader(alias)}"
                if time.monotonic() + PAUSE > give_up_at:
                    raise CommandError(f"{held}; nothing more was migrated: end it, or --wait longer") from None
                if not is_told:
                    self.stderr.write(f"fourline: {held}: trying again until it has ended")
                    is_told = True
                time.sleep(PAUSE)


def needs_stop(alias: str) -> bool:
    """Whether a migration is due that changes what running servers of the release before write."""
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    is_new = ("games", "0001_initial") not in executor.loader.applied_migrations
    return not is_new and any(getattr(migration, "needs_stop", False) for migration, _ in plan)


def _hurry(connection: Any, **_: Any) -> None:
    """A new connection waits for locks only briefly; what a migration does with a table then may take its time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT}; SET statement_timeout = 0")


def _reader(alias: str) -> str:
    """The oldest transaction, which is the likely one."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_WHO_READS)
        found = cursor.fetchone()
    return "somebody" if found is None else f"process {found[0]} ({found[1]}), in a transaction for {found[2]} s"
