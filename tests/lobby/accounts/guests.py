"""Guests at browsers, for the tests of this folder."""

import threading
from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.test import Client

from games.models import Player


def play(client: Client, **options: Any) -> Any:
    """Make a game, which needs somebody."""
    return client.post("/games/new/", {"visibility": "public", "first_move": "1", **options})


def of(client: Client) -> Player:
    """Who a browser is signed in as."""
    return Player.objects.get(pk=client.session["_auth_user_id"])


def guest() -> Client:
    """A browser that has just begun to play."""
    client = Client()
    assert play(client).status_code == 302
    return client


def post_at_once(clients: Sequence[Client], path: str) -> list[Any]:
    """The answers to the same post of several browsers, or tabs, let go together."""
    gate, answers = threading.Barrier(len(clients)), [None] * len(clients)

    def post(number: int) -> None:
        gate.wait(10)
        try:
            answers[number] = clients[number].post(path)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
