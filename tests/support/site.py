"""Browsers without JavaScript at the site, and the games of users."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from games.models import Game, Player
from lobby.models import User
from tests.support.stored_games import store_game

PASSWORD = "correct-horse-42"


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
