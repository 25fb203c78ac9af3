"""``manage.py backup FILE``: the whole database in one file, while servers run."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from config.backups import CannotCopy, postgresql, sqlite
from config.backups.checking import faulty_games, opened
from config.backups.whole_files import whole_file


class Command(BaseCommand):
    """See the module's text."""

    help = "Writes the database to FILE while servers run: an SQLite file, or PostgreSQL's custom format (pg_dump)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and whether to look at it."""
        parser.add_argument("file", type=Path, metavar="FILE", help="where nothing is yet; made for its owner alone")
        parser.add_argument(
            "--check",
            action="store_true",
            help="restore it into a temporary place and play every game in it again; exit status 1 if one doesn't hold",
        )

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        """Back up; one line and status 1 where that can't be done, and no file then."""
        began = time.monotonic()
        faulty, found = 0, ""
        try:
            with whole_file(file) as (partial, descriptor):
                _write(partial, descriptor)
                if check:
                    games, faulty = self._check(partial)
                    found = f"; restored and checked: {games} games, {faulty or 'none'} faulty"
                size = partial.stat().st_size
        except CannotCopy as error:
            sys.exit(f"fourline: {error}")
        self.stdout.write(f"{file}: {size:,} bytes in {time.monotonic() - began:.1f} s{found}")
        if faulty:
            # The backup is kept: the faults are in the database, not in the copy.
            sys.exit(1)

    def _check(self, backup: Path) -> tuple[int, int]:
        kind = sqlite if connections["default"].vendor == "sqlite" else postgresql
        with kind.restored(connections["default"].settings_dict, backup) as settings, opened("backup", settings):
            return faulty_games("backup", self.stdout.write)


def _write(partial: Path, descriptor: int) -> None:
    connection = connections["default"]
    if connection.vendor == "sqlite":
        sqlite.write(connection.settings_dict, partial)
    else:
        postgresql.write(connection.settings_dict, descriptor)
