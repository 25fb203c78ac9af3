"""Marked people play rated with marked people alone, however they come together; unrated with everybody."""

import pytest
from django.conf import LazySettings

from games.models import Player
from lobby.models import User
from tests.support.callers import Caller, refusal

RATED = {"rated": True, "timeControl": {"initial": 60, "increment": 0}}


@pytest.fixture(autouse=True)
def _any_age(settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0


@pytest.fixture
def people() -> dict[str, Caller]:
    """Alice and Bob are marked, Charlie and Dora aren't."""
    users = {name: User.objects.create_user(name) for name in ("alice", "bob", "charlie", "dora")}
    for name, user in users.items():
        Player.objects.update_or_create(user=user, defaults={"name": name, "marked": name in ("alice", "bob")})
    return {name: Caller(user) for name, user in users.items()}


@pytest.mark.parametrize(
    ("maker", "comer", "may"), [("charlie", "alice", False), ("alice", "charlie", False), ("alice", "bob", True)]
)
def test_joining_a_rated_game(people: dict[str, Caller], maker: str, comer: str, may: bool) -> None:
    game = people[maker].post("/api/games/", RATED).json()
    answer = people[comer].post(f"/api/games/{game['id']}/join/")
    if may:
        assert (answer.status_code, answer.json()["state"]) == (200, "in-progress")
    else:
        assert refusal(answer) == (409, "not_rated")
        assert people["dora" if maker == "charlie" else "bob"].post(f"/api/games/{game['id']}/join/").status_code == 200


@pytest.mark.parametrize(("maker", "invited"), [("charlie", "alice"), ("alice", "charlie")])
def test_a_rated_challenge(people: dict[str, Caller], maker: str, invited: str) -> None:
    assert refusal(people[maker].post("/api/games/", {**RATED, "opponent": invited})) == (409, "not_rated")


def test_a_challenge_from_before_the_mark_is_not_accepted_any_more(people: dict[str, Caller]) -> None:
    game = people["charlie"].post("/api/games/", {**RATED, "opponent": "dora"}).json()
    Player.objects.filter(name="dora").update(marked=True)
    assert refusal(people["dora"].post(f"/api/games/{game['id']}/join/")) == (409, "not_rated")
    assert people["dora"].post(f"/api/games/{game['id']}/decline/").status_code == 200


def test_unrated_games_are_everybody_s(people: dict[str, Caller]) -> None:
    game = people["charlie"].post("/api/games/", {"visibility": "public"}).json()
    assert people["alice"].post(f"/api/games/{game['id']}/join/").status_code == 200
