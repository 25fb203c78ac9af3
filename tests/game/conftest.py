"""The cast: Alice made the game, Bob joined it, Charlie watches."""

import pytest


@pytest.fixture
def drawn_notation() -> str:
    """A whole game that fills the board."""
    from tests.support.notations import BOARD_FULL

    return BOARD_FULL
