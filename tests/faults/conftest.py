"""Arenas: a server of its own on a database of its own, and many games to be played there at once."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.arenas import rows
from tests.support.postgres import Postgres
from tests.support.servers import ROOT
from tests.support.soak import IS_WHOLE
from tests.support.stores import new_sqlite

RESULTS = ROOT / "docs" / "soak.md"
"""The whole run writes what it saw between the two marks of this page."""


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    """Show what the fault tests saw; after a whole run without a failure keep it."""
    for row in rows:
        terminalreporter.write_line(row)
    if not (IS_WHOLE and rows and exitstatus == 0):
        return
    mark = "<!-- result -->\n"
    before, _, after = RESULTS.read_text().split(mark)
    when = f"{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}, {os.cpu_count()} cores:"
    RESULTS.write_text(f"{before}{mark}{when}\n\n{_HEADING}" + "\n".join(rows) + f"\n{mark}{after}")


_HEADING = (
    "| test | games | moves acknowledged | kills and stops | moves stored, answered when sent again "
    "| `try_again` | announcements made up for | besides |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


@pytest.fixture
def sqlite_url(transactional_db: None, tmp_path: Path) -> str:
    """A fresh SQLite file."""
    return new_sqlite(tmp_path / "arena.sqlite3")


@pytest.fixture
def postgres_url(transactional_db: None, postgres: Postgres) -> str:
    """A fresh PostgreSQL database."""
    return postgres.new_database()
