"""Databases with games in them, and PostgreSQL's programs on the path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import environment, manage, outcome
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game
from tests.support.stores import database


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
