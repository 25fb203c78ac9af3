"""One engine for all tests of a process: it takes half a second to start."""

import pytest

from games.computer.solver.engine import Engine
from tests.support.soak import IS_WHOLE


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="session")
def is_whole() -> bool:
    """Whether counts are full ones: `make soak`."""
    return IS_WHOLE
