"""Valkey servers of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.carriers import Carrier


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    made = Carrier(tmp_path / "one")
    made.start()
    yield made
    made.end()


@pytest.fixture
def second_carrier(tmp_path: Path) -> Iterator[Carrier]:
    made = Carrier(tmp_path / "two")
    made.start()
    yield made
    made.end()
