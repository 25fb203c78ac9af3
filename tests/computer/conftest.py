"""One engine for all tests of a process: it takes half a second to start."""

import os

import pytest

from games.computer.solver.engine import Engine

IS_WHOLE = os.environ.get("FOURLINE_SOAK") == "1"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="session")
def is_whole() -> bool:
    """Whether counts are full ones: `make soak`."""
    return IS_WHOLE
