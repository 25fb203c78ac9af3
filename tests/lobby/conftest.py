"""The cast: Alice makes games, Bob joins them, Charlie comes too late."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from lobby.accounts.letters import post_office
from lobby.models import User
from tests.support.mail import SITE
from tests.support.site import PASSWORD


@pytest.fixture(autouse=True)
def _a_place_for_static_files(settings: LazySettings) -> None:
    """ServeStatic warns of a missing folder, and warnings are errors here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", "alice@example.org", PASSWORD)


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create_user("bob", "bob@example.org", PASSWORD)


@pytest.fixture
def charlie(transactional_db: None) -> User:
    return User.objects.create_user("charlie", "charlie@example.org", PASSWORD)


@pytest.fixture
def texts() -> Callable[[Any], str]:
    """The text of a page, with its spaces folded."""

    def fold(response: Any) -> str:
        return " ".join(response.content.decode().split())

    return fold


@pytest.fixture
def mail_server(settings: LazySettings, transactional_db: None) -> Iterator[None]:
    """Letters can be sent, to Django's outbox; none is under way when the test is over."""
    settings.HAS_MAIL_SERVER = True
    settings.PUBLIC_URL = SITE
    yield
    assert post_office.finish(10)
