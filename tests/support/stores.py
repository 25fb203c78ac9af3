"""Databases besides the tests' own: a fresh SQLite file, and Django's default turned to another for a while."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import environ
from django.db import connection, connections


def new_sqlite(path: Path) -> str:
    """The address of a fresh SQLite file with our tables: a copy of the test database, which is empty between tests.

    Args:
        path: where there is no file yet.
    """
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as source:
        source.execute("VACUUM INTO ?", [str(path)])
    return f"sqlite:///{path}"


@contextlib.contextmanager
def database(url: str) -> Iterator[None]:
    """Turn Django's default database to another, for this thread and those that start meanwhile."""
    before, outer = connections.settings["default"], connections["default"]
    config = environ.Env.db_url_config(url)
    options = config.get("OPTIONS", {}) if "postgresql" in config["ENGINE"] else before["OPTIONS"]
    connections.settings["default"] = {**before, **config, "OPTIONS": options}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = before, outer
