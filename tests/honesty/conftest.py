"""A database of the tests' own: servers of other tests look at the usual one every few seconds, weigh and rate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stores import database, new_sqlite


@pytest.fixture(autouse=True)
def _no_servers_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    with database(new_sqlite(tmp_path / "own.sqlite3")):
        yield
