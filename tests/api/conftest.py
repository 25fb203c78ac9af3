"""The cast of the API: Alice makes games, Bob joins them, Charlie holds no seat."""

import pytest
from django.conf import LazySettings

from lobby.models import User
from tests.support.callers import PASSWORD, Caller


@pytest.fixture(autouse=True)
def _quick_passwords(settings: LazySettings) -> None:
    """The real hasher takes a third of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
