"""``manage.py move_to DATABASE_URL``: from SQLite to PostgreSQL, once, with all servers stopped."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.backups import CannotCopy
from config.backups.moving import move
from config.database import database_at


class Command(BaseCommand):
    """See the module's text."""

    help = "Copies the SQLite database to an empty PostgreSQL and compares the two. All servers must be stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument(
            "url",
            metavar="DATABASE_URL",
            help="postgresql://user@host/name; a password is better left to ~/.pgpass, since others can see commands",
        )

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        """Move; one line and status 1 where that can't be done, and an empty target then."""
        began = time.monotonic()
        target = database_at(url, "DATABASE_URL", settings.DATA_DIR)
        if target["ENGINE"] != "django.db.backends.postgresql":
            sys.exit("fourline: the target must be postgresql://user:password@host/name")
        try:
            move(target, self._say)
        except CannotCopy as error:
            sys.exit(f"fourline: nothing was moved: {error}")
        except KeyboardInterrupt:
            sys.exit("fourline: nothing was moved: stopped")
        self._say(
            f"moved in {time.monotonic() - began:.1f} s. Set DATABASE_URL in every server's environment, then start"
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
