"""The cast: Alice and Bob play; the administrator may do everything, the moderator end games, the viewer only look."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client

from games.models import Player
from lobby.models import User
from tests.support.stored_games import player


@pytest.fixture(autouse=True)
def _a_place_for_static_files(settings: LazySettings) -> None:
    """ServeStatic warns of a missing folder, and warnings are errors here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def alice(db: None) -> Player:
    return player("alice")


@pytest.fixture
def bob(db: None) -> Player:
    return player("bob")


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("boss", "boss@example.org", "correct-horse-42")


def _staff(name: str, *permissions: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="games", codename__in=permissions))
    return _at(user)


def _at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(admin_user: User) -> Client:
    """The administrator's browser."""
    return _at(admin_user)


@pytest.fixture
def moderator(db: None) -> Client:
    """The browser of somebody who may look at games and change them, which is: end them."""
    return _staff("moderator", "view_game", "change_game", "view_player", "view_move")


@pytest.fixture
def viewer(db: None) -> Client:
    """The browser of somebody who may only look."""
    return _staff("viewer", "view_game", "view_player", "view_move")


@pytest.fixture
def texts() -> Callable[[Any], str]:
    """The text of a page, with its spaces folded and its entities read."""

    def fold(response: Any) -> str:
        return unescape(" ".join(response.content.decode().split()))

    return fold


@pytest.fixture
def said() -> Callable[[Any], list[str]]:
    """The messages of a page that was reached after an action."""

    def read(response: Any) -> list[str]:
        return [str(message) for message in response.context["messages"]]

    return read
