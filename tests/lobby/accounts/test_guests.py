"""Guests: made by the first act that needs somebody, known by their session, and accounts once they sign up."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from games.models import Game, Player
from lobby.accounts import guests
from lobby.models import Guest, User
from tests.lobby.accounts.guests import guest, of, play, post_at_once
from tests.support.site import PASSWORD, at, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)


def test_looking_makes_no_guest(client: Client, alice: User) -> None:
    game = waiting_game(alice)
    for path in ("/", "/games/new/", f"/join/{game.pk}/", f"/games/{game.pk}/", "/accounts/signup/"):
        assert client.get(path).status_code == 200
    assert client.get("/accounts/guest/").status_code == 405
    assert not Player.objects.filter(guest=True).exists()
    assert not Session.objects.exists()


def test_the_first_act_makes_a_guest_and_the_next_one_does_not() -> None:
    client = guest()
    play(client)
    player = Player.objects.get()
    assert re.fullmatch("guest-[0-9A-HJKMNP-TV-Z]{6}", player.name)
    assert (player.guest, player.bot, player.computer) == (True, False, None)
    assert not player.user.has_usable_password()
    assert Game.objects.of(player.pk).count() == 2
    assert player.name in client.get("/").content.decode()


def test_a_script_asks_for_somebody_and_hears_the_name(client: Client, alice: User) -> None:
    name = client.post("/accounts/guest/").json()["name"]
    assert of(client).name == name
    assert client.post("/accounts/guest/").json() == {"name": name}
    assert at(alice).post("/accounts/guest/").json() == {"name": "alice"}
    assert Guest.objects.count() == 1


def test_where_guests_are_switched_off_none_is_made_and_those_who_are_there_play_on(
    client: Client, settings: LazySettings
) -> None:
    there = guest()
    settings.GUESTS = False
    answer = client.post("/accounts/guest/")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert play(client)["Location"].startswith("/accounts/signup/")
    assert play(there)["Location"].startswith("/games/")
    assert Guest.objects.count() == 1


def test_a_foreign_page_makes_no_guest() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/accounts/guest/").status_code == 403
    assert play(client).status_code == 403
    assert not User.objects.exists()


def test_a_page_that_was_open_before_goes_on_working() -> None:
    """The token in its forms is still good after another tab has made the guest."""
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode())
    assert token is not None
    assert play(client, csrfmiddlewaretoken=token[1]).status_code == 302
    assert play(client, csrfmiddlewaretoken=token[1]).status_code == 302
    assert Game.objects.of(of(client).pk).count() == 2


# --- tabs, copies, ends -----------------------------------------------------------------------------------------


def test_two_tabs_at_the_same_moment_are_one_guest() -> None:
    tabs = []
    for _ in range(4):
        tab = Client()
        tab.cookies["csrftoken"] = "c" * 32  # what a browser's tabs share before there is a session
        tabs.append(tab)
    answers = post_at_once(tabs, "/accounts/guest/")
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["name"] for answer in answers}) == 1
    assert Guest.objects.count() == User.objects.count() == 1


def test_the_same_browser_later_is_another_guest(client: Client) -> None:
    client.cookies["csrftoken"] = "c" * 32
    first = client.post("/accounts/guest/").json()
    del client.cookies["sessionid"]
    Guest.objects.update(made_at=timezone.now() - guests.ONE_PRESS)
    second = client.post("/accounts/guest/").json()
    assert first != second
    assert list(Guest.objects.exclude(browser=None).values_list("player__name", flat=True)) == [second["name"]]


def test_who_signs_out_and_plays_again_is_another_guest_at_once(client: Client) -> None:
    client.cookies["csrftoken"] = "c" * 32
    first = client.post("/accounts/guest/").json()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.post("/accounts/guest/").json() != first


def test_a_copied_cookie_is_the_same_guest_until_the_guest_signs_up() -> None:
    client, thief = guest(), Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    play(thief)
    assert Game.objects.of(of(client).pk).count() == 2
    client.post("/accounts/signup/", {"username": "dora", "password": PASSWORD})
    assert of(client).name == "dora"
    assert thief.get("/history/").status_code == 302
    play(thief)
    assert Game.objects.filter(participant1=of(client)).count() == 2


@pytest.mark.parametrize("end", ["expired", "deleted", "deactivated"])
def test_a_session_that_has_ended_is_nobodys_and_the_next_act_makes_another_guest(end: str) -> None:
    client = guest()
    first = of(client)
    if end == "expired":
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    elif end == "deleted":
        Session.objects.all().delete()
    else:
        User.objects.filter(pk=first.pk).update(is_active=False)
    assert client.get("/history/").status_code == 302
    assert play(client).status_code == 302
    assert of(client) != first


def test_a_guests_session_lasts_90_days_from_the_last_act() -> None:
    client = guest()
    assert abs(client.cookies["sessionid"]["max-age"] - 90 * 24 * 3600) < 60
    Session.objects.update(expire_date=timezone.now() + timedelta(days=1))
    play(client)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(days=2)  # noted within the last minute
    Guest.objects.update(seen_at=timezone.now() - timedelta(days=1))
    play(client)
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=89)
    assert Guest.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


# --- what guests may not ----------------------------------------------------------------------------------------


def test_a_guest_has_no_rights_beyond_play() -> None:
    client = guest()
    user = of(client).user
    assert not any((user.is_staff, user.is_superuser, user.get_all_permissions(), user.groups.exists()))
    assert client.get("/admin/").status_code == 302
    assert client.get("/history/").status_code == 200
    assert client.get("/accounts/").status_code == 200


@pytest.mark.parametrize("password", ["", "!", "x"])
def test_nobody_signs_in_as_a_guest(password: str) -> None:
    user = of(guest()).user
    for name in (user.username, user.username.upper()):
        answer = Client().post("/accounts/login/", {"username": name, "password": password or user.password})
        assert answer.status_code == 200
        assert answer.context["form"].errors


# --- limits -----------------------------------------------------------------------------------------------------


def test_guests_of_an_address_within_an_hour(settings: LazySettings) -> None:
    settings.GUESTS_PER_ADDRESS_PER_HOUR = 3
    answers = [play(Client()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert 1100 < int(answers[-1]["Retry-After"]) <= 1200
    assert b"Sign up" in answers[-1].content
    assert play(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302


def test_guests_of_an_address_at_once(settings: LazySettings) -> None:
    settings.GUESTS_PER_ADDRESS_AT_ONCE = 2
    there = [guest(), guest()]
    answer = play(Client())
    assert answer.status_code == 429
    assert 800 < int(answer["Retry-After"]) <= 900
    assert play(there[0]).status_code == 302  # who is there plays on
    Guest.objects.filter(pk=of(there[1]).pk).update(seen_at=timezone.now() - guests.AT_ONCE_WITHIN)
    assert play(Client()).status_code == 302


def test_a_flood_of_programs_makes_no_more_guests_than_may_be(settings: LazySettings) -> None:
    settings.GUESTS_PER_ADDRESS_AT_ONCE = 5
    answers = post_at_once([APIClient() for _ in range(12)], "/api/guest/")
    statuses = sorted(answer.status_code for answer in answers)
    assert (statuses.count(201), statuses.count(429)) == (5, 7)
    assert Player.objects.filter(guest=True).count() == User.objects.count() == 5


def test_no_address_is_stored() -> None:
    play(Client(REMOTE_ADDR="192.0.2.7"))
    row = Guest.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.address)
    assert "192.0.2.7" not in str(vars(row))
