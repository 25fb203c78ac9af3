"""``manage.py prepare``: what must be done before a server starts, or again after new code: migrate, collect files."""

import logging
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from config.collecting import collect
from config.private_files import tighten


class Command(BaseCommand):
    """See the module's text."""

    help = "Migrates the database, and with --static collects static files under hashed names. Silent when all is well."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Static files are collected for production alone; under DEBUG they are served from where they lie."""
        parser.add_argument("--static", action="store_true")

    def handle(self, *args: Any, static: bool, **options: Any) -> None:
        """Prepare; one line and status 1 where that can't be done."""
        tighten(settings.DATA_DIR, settings.DATABASES["default"])
        migrate()
        if static:
            collect_files()


def migrate() -> None:
    """Bring the database to this code's state.

    Raises:
        SystemExit: the database does not answer, can't be written, or is in use; with the line to show.
    """
    # The pool tells of each attempt to connect; the line below says it once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except CommandError as error:
        sys.exit(f"fourline: {error}")
    except DatabaseError as error:
        sys.exit(f"fourline: the database does not answer: {str(error).splitlines()[0]}")


def collect_files() -> None:
    """Add static files to where they are served from, under names that change with their content.

    Those of earlier releases stay there for a week.

    Raises:
        SystemExit: the folder can't be written; with the line to show.
    """
    try:
        collect(Path(settings.STATIC_ROOT))
    except OSError as error:
        sys.exit(f"fourline: cannot collect static files: {error.strerror}: {error.filename}")
