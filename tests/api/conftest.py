"""The cast of the API: Alice makes games, Bob joins them, Charlie holds no seat."""

import pytest

from lobby.models import User
from tests.support.callers import PASSWORD, Caller


def _caller(name: str) -> Caller:
    return Caller(User.objects.create_user(name, f"{name}@example.org", PASSWORD))


@pytest.fixture
def alice(transactional_db: None) -> Caller:
    return _caller("alice")


@pytest.fixture
def bob(transactional_db: None) -> Caller:
    return _caller("bob")


@pytest.fixture
def charlie(transactional_db: None) -> Caller:
    return _caller("charlie")


@pytest.fixture
def nobody() -> Caller:
    return Caller()
