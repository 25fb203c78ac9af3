"""What a person or an address may do in an hour or a minute, over page and API alike, each limit at its edge."""

import asyncio
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from rest_framework.test import APIClient

from games.access import families
from games.access.quotas import OverLimit, quotas
from games.game.people import Participant
from games.models import Game
from games.runtime import Runtime
from lobby.models import User
from tests.support.clock import Clock
from tests.support.people import Person, person
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story


@pytest.fixture
def ours(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which this process's quotas go."""
    monkeypatch.setattr(quotas.buckets, "_clock", clock)
    return clock


def api(someone: Person | None = None) -> APIClient:
    client = APIClient()
    if someone is not None and someone.player is not None:
        token = families.begin(someone.player.user).access_token
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def browser(someone: Person, **extra: Any) -> Client:
    client = Client(**extra)
    assert someone.player is not None
    client.force_login(someone.player.user)
    return client


def test_games_an_hour(settings: LazySettings, ours: Clock, alice: Person, bob: Person) -> None:
    settings.GAMES_PER_USER_PER_HOUR = 3
    statuses = [api(alice).post("/api/games/").status_code for _ in range(2)]
    page = browser(alice)
    page.post("/games/new/", {"visibility": "public", "first_move": "1"})
    assert (statuses, Game.objects.count()) == ([201, 201], 3)
    refused = api(alice).post("/api/games/")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused["Retry-After"]) == 1200
    page.post("/games/new/", {"visibility": "public", "first_move": "1"})
    assert Game.objects.count() == 3
    assert api(bob).post("/api/games/").status_code == 201
    ours.now += 1201
    assert api(alice).post("/api/games/").status_code == 201


def test_waiting_games_at_once(settings: LazySettings, alice: Person, bob: Person) -> None:
    settings.WAITING_GAMES_PER_USER = 3
    made = [api(alice).post("/api/games/").json()["id"] for _ in range(3)]
    refused = api(alice).post("/api/games/")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    api(bob).post(f"/api/games/{made[0]}/join/")
    assert api(alice).post("/api/games/").status_code == 201
    assert api(alice).post("/api/games/").status_code == 429
    api(alice).post(f"/api/games/{made[1]}/cancel/")
    assert api(alice).post("/api/games/").status_code == 201


@story
async def test_waiting_games_made_in_the_same_moment(settings: LazySettings, alice: Person) -> None:
    """All of them find few games waiting; the store lets no more pass than may wait."""
    settings.WAITING_GAMES_PER_USER = 3
    assert alice.player is not None
    participant = Participant(alice.player.pk, "alice")
    async with Runtime.opened() as here:
        made = await asyncio.gather(*(here.creation.create(participant) for _ in range(8)), return_exceptions=True)
    refused = [error for error in made if isinstance(error, OverLimit)]
    assert (len(refused), len(made)) == (5, 8), made
    assert await in_store(Game.objects.waiting().count)() == 3


def sign_up(name: str) -> int:
    body = {"username": name, "password": "correct horse 42", "email": ""}
    status: int = Client().post("/accounts/signup/", body).status_code
    return status


def test_sign_ups_of_an_address(settings: LazySettings, ours: Clock, transactional_db: None) -> None:
    settings.SIGN_UPS_PER_ADDRESS_PER_HOUR = 3
    assert [sign_up(f"person{n}") for n in range(4)] == [302, 302, 302, 429]
    assert User.objects.count() == 3
    ours.now += 1201
    assert [sign_up(f"later{n}") for n in range(2)] == [302, 429]


def test_sign_ups_by_an_invite_count_too(settings: LazySettings, alice: Person) -> None:
    settings.SIGN_UPS_PER_ADDRESS_PER_HOUR = 1
    assert sign_up("one") == 302
    game = store_game(alice.player, None)
    body = {"username": "two", "password": "correct horse 42", "email": ""}
    answer = Client().post(f"/join/{game.pk}/", body)
    assert (answer.status_code, User.objects.filter(username="two").exists()) == (429, False)
    assert b"too fast" in answer.content


GUESSES = (
    "/api/games/{}/",
    "/games/{}/",
    "/join/{}/",
    "/games/find/?id={}",
    "/games/{}/export/",
    "/api/games/{}/moves/",
)


def test_ids_that_lead_nowhere_count_over_page_and_api(
    settings: LazySettings, ours: Clock, alice: Person, bob: Person, mallory: Person
) -> None:
    settings.UNKNOWN_IDS_PER_MINUTE = len(GUESSES)
    statuses = [Client().get(path.format(f"ZZZZZ{n}")).status_code for n, path in enumerate(GUESSES)]
    assert statuses == [404] * len(GUESSES)
    for path in GUESSES:
        answer = Client().get(path.format("ZZZZZZ"))
        assert answer.status_code == 429, path
        assert int(answer["Retry-After"]) == 10
    ours.now += 10.1
    assert Client().get("/api/games/ZZZZZZ/").status_code == 404


def test_id_guessing_finds_no_private_game(settings: LazySettings, alice: Person, bob: Person, mallory: Person) -> None:
    """Who guesses is told the same of a secret game and of none; others are not shut out."""
    settings.UNKNOWN_IDS_PER_MINUTE = 5
    secret = store_game(alice.player, bob.player, visibility="private")
    public = store_game(alice.player, bob.player)
    for number in range(6):
        api(mallory).get(f"/api/games/ZZZZZ{number}/")
    hit, miss = (api(mallory).get(f"/api/games/{game_id}/") for game_id in (secret.pk, "ZZZZZZ"))
    assert hit.status_code == miss.status_code == 429
    assert hit.json() == miss.json()
    assert api(mallory).get(f"/api/games/{public.pk}/").status_code == 200
    assert api(alice).get(f"/api/games/{secret.pk}/").status_code == 200
    assert browser(bob).get(f"/games/{secret.pk}/").status_code == 200


def test_cancelling_by_page_is_no_way_to_guess(settings: LazySettings, alice: Person, mallory: Person) -> None:
    settings.UNKNOWN_IDS_PER_MINUTE = 2
    secret = store_game(alice.player, None, visibility="private")
    page = browser(mallory)
    for number in range(3):
        page.post(f"/games/ZZZZZ{number}/cancel/")
    page.get("/")  # shows, and so empties, the messages
    page.post(f"/games/{secret.pk}/cancel/")
    hit = page.get("/").content.count(b"lead nowhere")
    page.post("/games/ZZZZZZ/cancel/")
    assert hit == page.get("/").content.count(b"lead nowhere") == 1


def test_the_users_quota_counts_from_any_address(settings: LazySettings, mallory: Person) -> None:
    settings.UNKNOWN_IDS_PER_MINUTE = 3
    statuses = [api(mallory).get("/api/games/ZZZZZZ/", REMOTE_ADDR=f"198.51.100.{n}").status_code for n in range(4)]
    assert statuses == [404, 404, 404, 429]
    assert api(person("other")).get("/api/games/ZZZZZZ/").status_code == 404


def test_a_forwarded_header_from_a_stranger_is_no_address(settings: LazySettings, transactional_db: None) -> None:
    settings.UNKNOWN_IDS_PER_MINUTE = 3
    statuses = [
        Client().get("/api/games/ZZZZZZ/", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(4)
    ]
    assert statuses == [404, 404, 404, 429]
