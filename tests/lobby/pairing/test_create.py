"""Making a game."""

import re
from typing import Any

import pytest
from django.test import Client

from games.models import Game
from lobby.models import User
from tests.support.site import at

pytestmark = pytest.mark.django_db(transaction=True)


def create(client: Client, **fields: str) -> Any:
    return client.post("/games/new/", {"visibility": "public", "first_move": "1", **fields})


def test_makes_a_game_and_leads_to_it(alice: User) -> None:
    response = create(at(alice))
    game = Game.objects.get()
    assert response["Location"] == f"/games/{game.pk}/"
    assert (game.participant1_id, game.participant2_id) == (alice.pk, None)
    assert (game.state, game.visibility, game.first_move) == ("waiting", "public", 1)


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("first_move", ["1", "2"])
def test_the_choices_count(alice: User, visibility: str, first_move: str) -> None:
    create(at(alice), visibility=visibility, first_move=first_move)
    game = Game.objects.get()
    assert (game.visibility, game.first_move) == (visibility, int(first_move))


def test_random_is_sometimes_one_and_sometimes_the_other(alice: User) -> None:
    client = at(alice)
    while set(Game.objects.values_list("first_move", flat=True)) != {1, 2}:
        assert Game.objects.count() < 64, "64 throws of a coin fell on the same side"
        create(client, first_move="random")


@pytest.mark.parametrize(
    "fields", [{"visibility": "secret"}, {"first_move": "3"}, {"first_move": ""}, {"visibility": "\x00"}]
)
def test_what_is_no_choice_is_refused_beside_its_field(alice: User, fields: dict[str, str]) -> None:
    response = create(at(alice), **fields)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == list(fields)
    assert not Game.objects.exists()


def test_the_choices_survive_signing_up_on_the_way(client: Client) -> None:
    response = create(client, visibility="private", first_move="random")
    signup = "/accounts/signup/?next=%2Fgames%2Fnew%2F%3Fvisibility%3Dprivate%26first_move%3Drandom"
    assert response["Location"] == signup
    assert not Game.objects.exists()
    page = client.get("/games/new/?visibility=private&first_move=random").content.decode()
    chosen = re.findall(r'<input type="radio"[^>]*value="([^"]*)"[^>]* checked', page)
    assert chosen == ["private", "random"]


def test_looking_makes_nothing(alice: User) -> None:
    assert at(alice).get("/games/new/", {"visibility": "public", "first_move": "1"}).status_code == 200
    assert not Game.objects.exists()


def test_a_post_from_another_site_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert create(client).status_code == 403
    assert not Game.objects.exists()
