"""People who seek."""

import pytest

from lobby.models import User
from tests.support.wire import sign_in


@pytest.fixture
def sessions(alice: User, bob: User, charlie: User) -> list[str]:
    """Of Alice, Bob and Charlie."""
    return [sign_in(one) for one in (alice, bob, charlie)]
