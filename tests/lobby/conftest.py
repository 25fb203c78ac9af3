"""The cast: Alice makes games, Bob joins them, Charlie comes too late."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from games.models import Game, Player
from lobby.letters import post_office
from lobby.models import User
from tests.lobby.mail import SITE
from tests.stored_games import store_game

PASSWORD = "correct-horse-42"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: LazySettings) -> None:
    """The real hasher takes a third of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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


def at(user: User | None) -> Client:
    """A browser in which this person is signed in; nobody is for None."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def is_about(user: User) -> None:
    """This person is connected now."""
    Player.objects.filter(pk=user.pk).update(seen_at=timezone.now())


def waiting_game(creator: User, **fields: Any) -> Game:
    """A game that its creator, who is about, has just made."""
    is_about(creator)
    return store_game(creator.player, None, create_time=timezone.now(), **fields)


def running_game(first: User, second: User, notation: str = "", **fields: Any) -> Game:
    """A game that began a minute ago."""
    start = timezone.now() - timedelta(minutes=1)
    return store_game(first.player, second.player, notation, **{"create_time": start, "start_time": start, **fields})


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
