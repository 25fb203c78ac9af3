"""Several people want the last seat at the same moment."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from lobby.models import User
from tests.support.site import at, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)


def post_at_once(posts: list[tuple[Client, str]]) -> list[Any]:
    """Each post from a thread of its own, all let go together; the answers in the order of the posts."""
    gate = threading.Barrier(len(posts))
    answers: list[Any] = [None] * len(posts)

    def post(number: int, client: Client, path: str) -> None:
        gate.wait(10)
        try:
            answers[number] = client.post(path)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(number, *what)) for number, what in enumerate(posts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_one_gets_the_seat_the_others_read_a_kind_sentence(alice: User) -> None:
    game = waiting_game(alice)
    people = [User.objects.create_user(f"guest{number}") for number in range(6)]
    answers = post_at_once([(at(person), f"/join/{game.pk}/") for person in people])
    assert sorted(answer.status_code for answer in answers) == [302] + [409] * 5
    winner = people[[answer.status_code for answer in answers].index(302)]
    game.refresh_from_db()
    assert game.participant2_id == winner.pk
    assert all(b"Somebody else was quicker" in answer.content for answer in answers if answer.status_code == 409)


def test_joining_and_cancelling_at_once_end_in_one_of_the_two(alice: User, bob: User) -> None:
    for _ in range(4):
        game = waiting_game(alice)
        joined, cancelled = post_at_once([(at(bob), f"/join/{game.pk}/"), (at(alice), f"/games/{game.pk}/cancel/")])
        game.refresh_from_db()
        if game.state == "in-progress":
            assert (joined.status_code, game.participant2_id) == (302, bob.pk)
            assert cancelled["Location"] == f"/games/{game.pk}/"
        else:
            assert (joined.status_code, game.reason, game.participant2_id) == (409, "aborted", None)
            assert cancelled["Location"] == "/"
