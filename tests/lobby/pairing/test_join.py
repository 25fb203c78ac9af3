"""Opening an invite and accepting it."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from games.models import Game, Player
from lobby.accounts import guests
from lobby.models import User
from tests.support.site import PASSWORD, at, running_game, waiting_game

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(game: Game) -> tuple[str, int | None]:
    game.refresh_from_db()
    return game.state, game.participant2_id


def test_looking_never_joins(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    response = at(bob).get(f"/join/{game.pk}/")
    assert response.status_code == 200
    assert b"alice invites you to a game" in response.content
    assert b"Join the game" in response.content
    assert state_of(game) == ("waiting", None)


def test_the_button_joins(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    assert at(bob).post(f"/join/{game.pk}/")["Location"] == f"/games/{game.pk}/"
    assert state_of(game) == ("in-progress", bob.pk)


def test_joining_again_leads_to_the_game(alice: User, bob: User) -> None:
    game = running_game(alice, bob)
    assert at(bob).post(f"/join/{game.pk}/")["Location"] == f"/games/{game.pk}/"
    assert at(bob).get(f"/join/{game.pk}/")["Location"] == f"/games/{game.pk}/"


def test_other_spellings_are_redirected_to_the_canonical_one(client: Client, alice: User) -> None:
    waiting_game(alice, id="A0F1QX")
    for spelling in ("a0f1qx", "AOFLQX", "a0f-1qx", "a0f%201qx"):
        assert client.get(f"/join/{spelling}/")["Location"] == "/join/A0F1QX/"


def test_a_private_game_is_joined_by_its_id(alice: User, bob: User) -> None:
    game = waiting_game(alice, visibility="private")
    at(bob).post(f"/join/{game.pk}/")
    assert state_of(game) == ("in-progress", bob.pk)


def test_who_has_no_account_joins_with_one_button_as_a_guest(client: Client, alice: User) -> None:
    game = waiting_game(alice)
    page = client.get(f"/join/{game.pk}/").content.decode()
    assert "Join the game" in page
    assert 'name="username"' not in page
    assert f'href="/accounts/signup/?next=/join/{game.pk}/"' in page
    assert client.post(f"/join/{game.pk}/")["Location"] == f"/games/{game.pk}/"
    guest = Player.objects.get(guest=True)
    assert state_of(game) == ("in-progress", guest.pk)
    assert client.session["_auth_user_id"] == str(guest.pk)


def test_signing_up_on_the_invite_leads_straight_into_the_game(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.GUESTS = False
    game = waiting_game(alice)
    page = client.get(f"/join/{game.pk}/").content.decode()
    assert "Sign up and join" in page
    assert f'href="/accounts/login/?next=/join/{game.pk}/"' in page
    response = client.post(f"/join/{game.pk}/", {"username": "dora", "password": PASSWORD})
    assert response["Location"] == f"/games/{game.pk}/"
    dora = User.objects.get(username="dora")
    assert state_of(game) == ("in-progress", dora.pk)
    assert client.session["_auth_user_id"] == str(dora.pk)


def test_the_button_of_a_page_whose_session_has_ended_leads_to_the_invite(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.GUESTS = False
    game = waiting_game(alice)
    response = client.post(f"/join/{game.pk}/", follow=True)
    assert response.redirect_chain == [(f"/join/{game.pk}/", 302)]
    assert b"You are not signed in. Sign up or sign in to join." in response.content
    assert b'aria-invalid="true"' not in response.content
    assert state_of(game) == ("waiting", None)


def test_a_bad_sign_up_on_the_invite_joins_nobody(client: Client, alice: User) -> None:
    game = waiting_game(alice)
    response = client.post(f"/join/{game.pk}/", {"username": "ALICE", "password": "x"})
    assert set(response.context["form"].errors) == {"username", "password"}
    assert b"alice invites you to a game" in response.content
    assert state_of(game) == ("waiting", None)
    assert User.objects.count() == 1


def test_my_own_game_is_told_as_my_own(alice: User) -> None:
    game = waiting_game(alice)
    client = at(alice)
    assert b"This is your own game" in client.get(f"/join/{game.pk}/").content
    response = client.post(f"/join/{game.pk}/")
    assert response.status_code == 409
    assert b"This is your own game" in response.content
    assert state_of(game) == ("waiting", None)


def test_a_rated_game_is_for_accounts_and_says_so(client: Client, alice: User, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    game = waiting_game(alice, rated=True, initial=60, increment=0)
    assert "Sign up and join" in client.get(f"/join/{game.pk}/").content.decode()
    client.post(f"/join/{game.pk}/")
    assert not Player.objects.filter(guest=True).exists()
    guest = at(guests.make("192.0.2.7"))
    page = guest.get(f"/join/{game.pk}/").content.decode()
    assert "This game is rated, and guests play unrated." in page
    assert "Join the game" not in page
    answer = guest.post(f"/join/{game.pk}/")
    assert answer.status_code == 409
    assert b"Guests play unrated games." in answer.content
    assert state_of(game) == ("waiting", None)


def test_no_guest_is_made_for_a_seat_that_is_gone(client: Client, alice: User, bob: User) -> None:
    assert client.post(f"/join/{running_game(alice, bob).pk}/").status_code == 409
    assert not Player.objects.filter(guest=True).exists()


def test_a_full_game_is_told_kindly(alice: User, bob: User, charlie: User) -> None:
    game = running_game(alice, bob)
    for client in (at(charlie), at(None)):
        assert b"Somebody else was quicker" in client.get(f"/join/{game.pk}/").content
        response = client.post(f"/join/{game.pk}/", {"username": "dora", "password": PASSWORD})
        assert response.status_code == 409
        assert b"Somebody else was quicker" in response.content
    assert state_of(game) == ("in-progress", bob.pk)
    assert not User.objects.filter(username="dora").exists(), "no account is made for a seat that is gone"


def test_the_creator_of_a_game_that_has_begun_is_led_to_it(alice: User, bob: User) -> None:
    game = running_game(alice, bob)
    assert b"This game has begun" in at(alice).get(f"/join/{game.pk}/").content


def test_a_finished_game_is_told_as_over(alice: User, bob: User, charlie: User) -> None:
    game = running_game(alice, bob, state="finished", reason="resignation", winner=1, end_time=timezone.now())
    assert b"This game is over" in at(charlie).get(f"/join/{game.pk}/").content
    response = at(charlie).post(f"/join/{game.pk}/")
    assert response.status_code == 409
    assert b"This game is over" in response.content
    assert state_of(game) == ("finished", bob.pk)


def test_a_cancelled_invite_is_told_as_taken_back(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    at(alice).post(f"/games/{game.pk}/cancel/")
    assert b"This invite was taken back" in at(bob).get(f"/join/{game.pk}/").content
    response = at(bob).post(f"/join/{game.pk}/")
    assert response.status_code == 409
    assert b"This invite was taken back" in response.content
    assert state_of(game) == ("finished", None)


def test_an_unknown_game_is_told_with_a_field_for_another_id(bob: User) -> None:
    for client in (at(bob), at(None)):
        for response in (client.get("/join/A9F3QX/"), client.post("/join/A9F3QX/")):
            assert response.status_code == 404
            assert b"There is no game A9F3QX" in response.content
            assert b'action="/games/find/"' in response.content


def test_what_is_no_id_is_no_page(client: Client) -> None:
    for path in ("/join/A9F/", "/join/A9F3QU/", "/join/A9F3QXXX9/", "/join/%00%00/"):
        assert client.get(path).status_code == 404


def test_a_post_from_another_site_joins_nobody(alice: User, bob: User) -> None:
    game = waiting_game(alice)
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(f"/join/{game.pk}/").status_code == 403
    assert state_of(game) == ("waiting", None)
