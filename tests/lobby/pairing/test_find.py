"""Finding a game by its ID."""

import pytest
from django.test import Client

from lobby.models import User
from tests.support.site import at, running_game, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_waiting_game_leads_to_its_invite(client: Client, alice: User, bob: User) -> None:
    game = waiting_game(alice, id="A0F1QX")
    for typed in ("A0F1QX", "a0f1qx", " aof-lqx"):
        assert client.get("/games/find/", {"id": typed})["Location"] == f"/join/{game.pk}/"
        assert at(bob).get("/games/find/", {"id": typed})["Location"] == f"/join/{game.pk}/"


def test_my_own_and_a_running_game_lead_to_the_game(client: Client, alice: User, bob: User) -> None:
    own, running = waiting_game(alice), running_game(alice, bob)
    assert at(alice).get("/games/find/", {"id": own.pk})["Location"] == f"/games/{own.pk}/"
    assert client.get("/games/find/", {"id": running.pk})["Location"] == f"/games/{running.pk}/"


@pytest.mark.parametrize("typed", ["A9F", "A9F3QXXX9", "A9F3QU", "hello world", "é", "a\x00bcdef", "<b>"])
def test_what_is_no_id_is_told_beside_the_field_and_kept_in_it(client: Client, typed: str) -> None:
    response = client.get("/games/find/", {"id": typed})
    assert response.status_code == 400
    assert response.context["find_form"].errors
    assert b"Waiting for an opponent" in response.content


def test_nothing_typed_is_told_too(client: Client) -> None:
    for query in ({}, {"id": ""}, {"id": "  "}):
        response = client.get("/games/find/", query)
        assert response.status_code == 400
        assert b"Type a game&#x27;s ID" in response.content


def test_an_unknown_id_is_told_apart_from_no_id(client: Client) -> None:
    response = client.get("/games/find/", {"id": "a9f3qx"})
    assert response.status_code == 404
    assert b"There is no game A9F3QX." in response.content
