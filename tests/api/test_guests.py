"""Guests over the API: a name and a pair of tokens, and all that a person may do in games."""

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from games.models import Game, Player
from tests.support.callers import Caller, refusal

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_program_plays_without_an_account(alice: Caller) -> None:
    answer = APIClient().post("/api/guest/")
    assert answer.status_code == 201
    found = answer.json()
    assert set(found) == {"name", "access", "refresh"}
    player = Player.objects.get(name=found["name"])
    assert player.guest
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {found['access']}")
    game = client.post("/api/games/").json()
    assert game["players"][0]["guest"] is True
    joined = alice.post(f"/api/games/{game['id']}/join/").json()
    assert [one["guest"] for one in joined["players"]] == [True, False]
    assert Game.objects.get().participant1 == player
    renewed = APIClient().post("/api/token/refresh/", {"refresh": found["refresh"]}).json()
    assert set(renewed) == {"access", "refresh"}


def test_a_guest_plays_unrated() -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {APIClient().post('/api/guest/').json()['access']}")
    assert refusal(client.post("/api/games/", {"rated": True})) == (409, "not_rated")


def test_each_call_makes_another(alice: Caller) -> None:
    names = {APIClient().post("/api/guest/").json()["name"] for _ in range(3)}
    assert len(names) == 3


def test_where_guests_are_switched_off(settings: LazySettings) -> None:
    settings.GUESTS = False
    assert refusal(APIClient().post("/api/guest/")) == (403, "forbidden")
    assert not Player.objects.exists()


def test_too_many(settings: LazySettings) -> None:
    settings.GUESTS_PER_ADDRESS_PER_HOUR = 1
    assert APIClient().post("/api/guest/").status_code == 201
    answer = APIClient().post("/api/guest/")
    assert refusal(answer) == (429, "rate_limited")
    assert int(answer["Retry-After"]) > 3000


def test_a_body_is_refused() -> None:
    assert refusal(APIClient().post("/api/guest/", {"name": "guest-A9F3QX"})) == (400, "invalid_request")
