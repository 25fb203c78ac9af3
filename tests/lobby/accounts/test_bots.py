"""An account becomes a bot's: by its owner, before its first game, for ever; and is named so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from games.models import Game, Player
from games.storage import loading
from lobby.models import User
from tests.support.callers import Caller, refusal
from tests.support.site import at
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

PATH, API = "/accounts/bot/", "/api/bot/"
RATED = {"rated": True, "timeControl": {"initial": 60, "increment": 0}}
Texts = Callable[[Any], str]


def is_bot(user: User) -> bool:
    return Player.objects.of(user).bot


def test_the_account_page_leads_to_it_and_it_asks_first(alice: User) -> None:
    assert f'href="{PATH}"'.encode() in at(alice).get("/accounts/").content
    assert b"This is for ever" in at(alice).get(PATH).content
    assert not is_bot(alice)


def test_it_is_for_ever(alice: User, texts: Texts) -> None:
    assert "This account is a bot's." in texts(at(alice).post(PATH, follow=True)).replace("&#x27;", "'")
    assert is_bot(alice)
    assert b"It is one already" in at(alice).get(PATH).content
    assert b'<span class="badge">bot</span>' in at(alice).get("/accounts/").content


@pytest.mark.parametrize("seat", [1, 2])
def test_whoever_has_been_in_a_game_stays_a_person(alice: User, bob: User, seat: int) -> None:
    one, other = Player.objects.of(alice), Player.objects.of(bob)
    game = store_game(one, None) if seat == 1 else store_game(other, one)
    assert b"has been in a game" in at(alice).get(PATH).content
    assert b"has been in a game" in at(alice).post(PATH, follow=True).content
    assert refusal(Caller(alice).post(API)) == (409, "too_late")
    Game.objects.filter(pk=game.pk).update(state="finished", reason="aborted", end_time=game.create_time)
    assert refusal(Caller(alice).post(API)) == (409, "too_late")
    assert not is_bot(alice)


def test_over_the_api(alice: User) -> None:
    for _ in range(2):
        answer = Caller(alice).post(API)
        assert (answer.status_code, answer.json()) == (200, {"name": "alice", "bot": True})
    assert Caller(alice).get("/api/players/alice/").json()["bot"] is True
    assert refusal(Caller(alice).post(API, {"bot": False})) == (400, "invalid_request")
    assert refusal(Caller().post(API)) == (401, "unauthenticated")


def test_processes_that_hold_a_game_of_the_account_hear_what_it_is(alice: User) -> None:
    before = timezone.now()
    assert loading.renamed(before) == {}
    Caller(alice).post(API)
    assert [(who.name, who.bot) for who in loading.renamed(before).values()] == [("alice", True)]


def test_guests_are_no_accounts(settings: LazySettings, transactional_db: None) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {client.post('/api/guest/').json()['access']}")
    assert refusal(client.post(API)) == (403, "forbidden")


def test_a_session_needs_its_token_against_forgery(alice: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    assert refusal(client.post(API)) == (403, "forbidden")


def test_bots_play_rated_with_bots_alone(alice: User, bob: User, charlie: User, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    for user in (alice, bob):
        assert Caller(user).post(API).status_code == 200
    game = Caller(alice).post("/api/games/", RATED).json()
    assert game["players"][0]["bot"] is True
    assert refusal(Caller(charlie).post(f"/api/games/{game['id']}/join/")) == (409, "not_rated")
    assert Caller(bob).post(f"/api/games/{game['id']}/join/").status_code == 200
    assert refusal(Caller(charlie).post("/api/games/", {**RATED, "opponent": "alice"})) == (409, "not_rated")
    unrated = Caller(alice).post("/api/games/", {"visibility": "public"}).json()
    assert Caller(charlie).post(f"/api/games/{unrated['id']}/join/").status_code == 200


def test_lists_and_pages_name_it(alice: User, bob: User, texts: Texts) -> None:
    one, other = Player.objects.of(alice), Player.objects.of(bob)
    Player.objects.filter(pk=one.pk).update(bot=True)
    store_finished(one, other, ALICE_WINS, "four_in_a_row", 1)
    waiting = store_game(one, None)
    badge = '<span class="badge">bot</span>'
    assert badge in texts(at(bob).get("/@/alice/"))
    assert f"alice</a> {badge}" in texts(at(bob).get("/history/"))
    assert f"alice {badge} invites you" in texts(at(bob).get(f"/join/{waiting.pk}/"))
    assert f"alice {badge} is waiting" in texts(at(bob).get(f"/games/{waiting.pk}/"))
    assert f"Challenge alice {badge}" in texts(at(bob).get("/games/new/?opponent=alice"))
    assert f"Report alice {badge}" in texts(at(bob).get("/@/alice/report/"))
    at(bob).post("/@/alice/block/")
    at(bob).post("/@/alice/hide/")
    assert texts(at(bob).get("/accounts/blocked/")).count(f"alice</a> {badge}") == 2


def test_what_became_of_an_invite_names_it(alice: User, bob: User, charlie: User, texts: Texts) -> None:
    one, other = Player.objects.of(alice), Player.objects.of(bob)
    Player.objects.filter(pk=one.pk).update(bot=True)
    badge = '<span class="badge">bot</span>'
    for_another = store_game(other, None, invited=one)
    taken, over = store_game(other, one, "44"), store_finished(one, other, ALICE_WINS, "four_in_a_row", 1)
    assert f"bob waits for alice {badge}." in texts(at(charlie).get(f"/join/{for_another.pk}/"))
    assert f"bob plays alice {badge}." in texts(at(charlie).get(f"/join/{taken.pk}/"))
    assert f"You play it: bob against alice {badge}." in texts(at(bob).get(f"/join/{taken.pk}/"))
    assert f"alice {badge} played bob." in texts(at(charlie).get(f"/join/{over.pk}/"))


def test_the_lobby_names_it(alice: User, bob: User, texts: Texts) -> None:
    one, other = Player.objects.of(alice), Player.objects.of(bob)
    now = timezone.now()
    Player.objects.filter(pk=one.pk).update(bot=True, seen_at=now)
    store_game(one, None, create_time=now)
    store_game(one, other, "44", create_time=now, start_time=now)
    assert ">bot</span>" in texts(Client().get("/"))
