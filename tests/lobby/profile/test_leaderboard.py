"""The best of each speed: who has a place, what it costs, and how it is asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from games.models import Player, Rating
from tests.support.stored_games import player

pytestmark = pytest.mark.django_db


def rate(name: str, rating: float, speed: str = "blitz", **fields: Any) -> Player:
    """Somebody who has a place with this rating, unless fields say otherwise."""
    someone = Player.objects.filter(name=name).first() or player(name)
    values = {"deviation": 60.0, "volatility": 0.06, "games": 40, "last_game_at": timezone.now(), **fields}
    Rating.objects.create(player=someone, speed=speed, rating=rating, **values)
    return someone


def names(client: Client, speed: str = "blitz") -> list[str]:
    """The names with a place, best first, as a program hears them."""
    answer = client.get(f"/api/leaderboard/{speed}/")
    assert answer.status_code == 200
    return [place["name"] for place in answer.json()]


def test_the_best_come_first_each_speed_for_itself(client: Client) -> None:
    rate("alice", 1499.6)
    rate("bob", 1700.2)
    rate("alice", 2000, "rapid")
    answer = client.get("/api/leaderboard/blitz/").json()
    assert answer[1] == {"rank": 2, "name": "alice", "rating": 1500, "deviation": 60, "games": 40}
    assert (names(client), names(client, "rapid"), names(client, "bullet")) == (["bob", "alice"], ["alice"], [])


def test_who_has_no_place(client: Client) -> None:
    rate("unsure", 2000, deviation=75.1)
    rate("gone", 2000, last_game_at=timezone.now() - timedelta(days=31))
    closed = rate("closed", 2000)
    closed.user.is_active = False
    closed.user.save()
    robot = rate("robot", 2000)
    Player.objects.filter(pk=robot.pk).update(bot=True)
    rate("just", 1200, deviation=75.0)
    assert names(client) == ["just"]


def test_a_hundred_places(client: Client) -> None:
    for number in range(103):
        rate(f"player{number}", 1500 + number)
    found = names(client)
    assert (len(found), found[0], found[-1]) == (100, "player102", "player3")


def test_the_page_shows_places_in_one_query(
    client: Client, django_assert_num_queries: Any, texts: Callable[[Any], str]
) -> None:
    rate("alice", 1612.4)
    with django_assert_num_queries(1):
        page = client.get("/leaderboard/")
    text = texts(page)
    assert "alice" in text
    assert "1612" in text
    assert "alice" not in texts(client.get("/leaderboard/rapid/"))
    assert "Nobody has a place yet" in texts(client.get("/leaderboard/rapid/"))


def test_one_s_own_place_is_marked(client: Client, texts: Callable[[Any], str]) -> None:
    client.force_login(rate("alice", 1612.4).user)
    assert 'class="mine"' in client.get("/leaderboard/").content.decode()


@pytest.mark.parametrize("speed", ["untimed", "Blitz", "x" * 200, "%00", "<b>"])
def test_no_such_speed(client: Client, speed: str) -> None:
    assert client.get(f"/leaderboard/{speed}/").status_code == 404
    answer = client.get(f"/api/leaderboard/{speed}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
