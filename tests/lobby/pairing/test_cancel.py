"""Cancelling my waiting game."""

import pytest
from django.test import Client

from games.models import Game
from lobby.models import User
from tests.support.site import at, running_game, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)


def test_my_waiting_game_is_cancelled(alice: User) -> None:
    game = waiting_game(alice)
    response = at(alice).post(f"/games/{game.pk}/cancel/", follow=True)
    assert f"Game {game.pk} is cancelled.".encode() in response.content
    game.refresh_from_db()
    assert (game.state, game.reason, game.winner) == ("finished", "aborted", None)


def test_twice_is_told_kindly(alice: User) -> None:
    game = waiting_game(alice)
    client = at(alice)
    client.post(f"/games/{game.pk}/cancel/")
    response = client.post(f"/games/{game.pk}/cancel/", follow=True)
    assert response.redirect_chain[-1][0] == f"/games/{game.pk}/"
    assert "is over already" in [str(message) for message in response.context["messages"]][-1]


def test_a_game_that_has_begun_goes_on(alice: User, bob: User) -> None:
    game = running_game(alice, bob)
    response = at(alice).post(f"/games/{game.pk}/cancel/", follow=True)
    assert b"Too late to cancel" in response.content
    game.refresh_from_db()
    assert game.state == "in-progress"


def test_somebody_else_cannot(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    assert b"Only whoever made game" in at(bob).post(f"/games/{game.pk}/cancel/", follow=True).content
    response = at(None).post(f"/games/{game.pk}/cancel/")
    assert response["Location"] == "/accounts/login/?next=%2F"
    game.refresh_from_db()
    assert game.state == "waiting"


def test_an_unknown_game_is_told(alice: User) -> None:
    assert b"There is no game A9F3QX." in at(alice).post("/games/A9F3QX/cancel/", follow=True).content


def test_by_post_alone(alice: User) -> None:
    game = waiting_game(alice)
    assert at(alice).get(f"/games/{game.pk}/cancel/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(f"/games/{game.pk}/cancel/").status_code == 403
    assert Game.objects.get().state == "waiting"
