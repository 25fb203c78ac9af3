"""Guests who sign up, sign in or sign out: what becomes of their row, their games and their session."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from games.models import Game
from lobby.accounts import guests
from lobby.models import Guest, User
from tests.lobby.accounts.guests import guest, of, play
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)


def test_signing_up_keeps_row_and_games() -> None:
    client = guest()
    player = of(client)
    assert player.name in client.get("/accounts/signup/").content.decode()
    response = client.post("/accounts/signup/", {"username": "Dora", "password": PASSWORD, "email": "d@example.org"})
    assert response["Location"] == "/"
    assert of(client) == player
    player.refresh_from_db()
    assert (player.name, player.guest, player.user.username, player.user.email) == (
        "Dora", False, "Dora", "d@example.org",
    )  # fmt: skip
    assert player.renamed_at is not None  # processes that show the games ask for the new name
    assert Game.objects.of(player.pk).count() == 1
    assert not Guest.objects.exists()
    assert Client().post("/accounts/login/", {"username": "dora", "password": PASSWORD}).status_code == 302
    assert client.cookies["sessionid"]["max-age"] < 15 * 24 * 3600


def test_a_guest_cannot_sign_up_with_a_name_that_is_taken_or_reserved(alice: User) -> None:
    client = guest()
    player = of(client)
    for name in ("ALICE", player.name, player.name.upper(), "guest-me"):
        response = client.post("/accounts/signup/", {"username": name, "password": PASSWORD})
        assert "username" in response.context["form"].errors
        assert player.name in response.content.decode()
    player.refresh_from_db()
    assert player.guest
    assert not player.user.has_usable_password()


def test_a_guest_signs_up_once_however_many_tabs_do() -> None:
    client = guest()
    tabs = []
    for _ in range(3):
        tab = Client()
        tab.cookies["sessionid"] = client.cookies["sessionid"].value
        tabs.append(tab)
    gate, statuses = threading.Barrier(len(tabs)), []

    def sign_up(number: int) -> None:
        gate.wait(10)
        try:
            answer = tabs[number].post("/accounts/signup/", {"username": f"dora{number}", "password": PASSWORD})
            statuses.append(answer.status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(len(tabs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(statuses) == {302}
    user = Game.objects.get().participant1.user
    assert user.username in {"dora0", "dora1", "dora2"}
    assert not user.player.guest
    assert user.player.name == user.username
    assert user.check_password(PASSWORD)


def test_who_takes_the_name_in_the_same_moment_leaves_the_guest_a_guest(monkeypatch: pytest.MonkeyPatch) -> None:
    client = guest()
    player = of(client)
    monkeypatch.setattr(
        guests, "become_account", _then(guests.become_account, lambda: User.objects.create_user("dora"))
    )
    response = client.post("/accounts/signup/", {"username": "dora", "password": PASSWORD})
    assert response.context["form"].errors == {"username": ["That name is taken."]}
    player.refresh_from_db()
    assert (player.guest, Guest.objects.filter(pk=player.pk).exists()) == (True, True)


def _then(first: Any, second: Any) -> Any:
    def both(*args: Any) -> None:
        first(*args)
        second()

    return both


def test_a_guest_who_signs_in_is_told_what_becomes_of_the_games(alice: User) -> None:
    client = guest()
    player = of(client)
    page = client.get("/accounts/login/").content.decode()
    assert f"You play as {player.name}" in page
    assert "not in your history" in page
    response = client.post("/accounts/login/", {"username": "alice", "password": PASSWORD}, follow=True)
    assert f"The games of {player.name} stay as they are" in response.content.decode()
    assert of(client) == alice.player
    assert Game.objects.get().participant1 == player


def test_signing_out_is_warned_of(alice: User) -> None:
    client = guest()
    assert "/accounts/logout/guest/" in client.get("/").content.decode()
    page = client.get("/accounts/logout/guest/").content.decode()
    assert "out of your sight for good" in page
    play(client)
    assert "Your 2 games" in client.get("/accounts/logout/guest/").content.decode()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/history/").status_code == 302
    assert at(alice).get("/accounts/logout/guest/")["Location"] == "/accounts/"


@pytest.mark.parametrize(
    "path",
    ["/accounts/password/", "/accounts/email/", "/accounts/email/send/", "/accounts/logout/everywhere/"],
)
def test_pages_of_accounts_lead_a_guest_to_its_own(path: str) -> None:
    client = guest()
    player = of(client)
    for answer in (client.get(path), client.post(path, {"email": "x@example.org", "password": "x"})):
        if answer.status_code != 405:
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/")
    assert "You play as a guest" in client.get("/accounts/").content.decode()
    player.user.refresh_from_db()
    assert (player.user.email, player.user.sign_outs) == ("", 0)
