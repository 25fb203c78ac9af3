"""Signing up."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from games.game import names
from games.models import Player
from lobby.accounts.forms import SignUpForm
from lobby.models import User
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)


def sign_up(client: Client, **fields: str) -> Any:
    return client.post("/accounts/signup/", {"username": "dora", "password": PASSWORD, **fields})


def test_signs_up_and_in_and_shows_the_name_as_typed(client: Client) -> None:
    response = sign_up(client, username="Dora-_7")
    assert response.status_code == 302
    assert response["Location"] == "/"
    user = User.objects.get()
    assert (user.username, user.email) == ("Dora-_7", "")
    assert user.check_password(PASSWORD)
    assert Player.objects.get(pk=user.pk).name == "Dora-_7"
    assert b"Dora-_7" in client.get("/").content


def test_email_is_kept_where_given(client: Client) -> None:
    sign_up(client, email="dora@example.org")
    assert User.objects.get().email == "dora@example.org"


@pytest.mark.parametrize("username", ["d", "d" * 21, "dora!", "do ra", "dörà", "", "dora\n\nx", "[deleted]", "d\x00ra"])
def test_a_name_that_is_none_is_refused_beside_its_field(client: Client, username: str) -> None:
    response = sign_up(client, username=username)
    assert response.status_code == 200
    assert "username" in response.context["form"].errors
    assert b'aria-invalid="true"' in response.content
    assert not User.objects.exists()


@pytest.mark.parametrize("username", ["alice", "ALICE", "aLiCe"])
def test_a_name_is_taken_in_any_case(client: Client, alice: User, username: str) -> None:
    response = sign_up(client, username=username)
    assert response.context["form"].errors == {"username": ["That name is taken."]}
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", ["guest-A9F3QX", "Guest-", "GUEST-me", "Leo", "LEO"])
def test_a_name_is_reserved_in_any_case(client: Client, username: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "COMPUTER_NAMES", ("Leo",))
    response = sign_up(client, username=username)
    assert response.context["form"].errors == {"username": ["That name is reserved."]}
    assert not User.objects.exists()


def test_an_account_that_has_a_reserved_name_keeps_it_and_is_no_guest(client: Client) -> None:
    user = User.objects.create_user("Guest-old", "", PASSWORD)
    user.email = "old@example.org"
    user.full_clean()
    user.save()
    assert not user.participant.guest
    assert client.post("/accounts/login/", {"username": "guest-OLD", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "dora-dora", ""])
def test_a_weak_password_is_refused_beside_its_field(client: Client, password: str) -> None:
    response = sign_up(client, username="dora-dora", password=password)
    assert "password" in response.context["form"].errors
    assert not User.objects.exists()


def test_a_bad_email_is_refused_beside_its_field(client: Client) -> None:
    assert list(sign_up(client, email="dora").context["form"].errors) == ["email"]


def test_goes_on_to_where_one_was_going(client: Client) -> None:
    assert b'name="next" value="/join/A9F3QX/"' in client.get("/accounts/signup/?next=/join/A9F3QX/").content
    assert sign_up(client, next="/join/A9F3QX/")["Location"] == "/join/A9F3QX/"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_never_goes_on_to_another_site(client: Client, address: str) -> None:
    assert sign_up(client, next=address)["Location"] == "/"


def test_where_one_was_going_survives_a_detour_to_signing_in(client: Client) -> None:
    page = client.get("/accounts/signup/?next=/join/A9F3QX/").content.decode()
    assert 'href="/accounts/login/?next=/join/A9F3QX/"' in page


def test_whoever_is_signed_in_has_nothing_to_do_here(alice: User) -> None:
    assert at(alice).get("/accounts/signup/?next=/history/")["Location"] == "/history/"
    assert sign_up(at(alice))["Location"] == "/"
    assert User.objects.count() == 1


def test_a_post_from_another_site_is_refused(transactional_db: None) -> None:
    assert sign_up(Client(enforce_csrf_checks=True)).status_code == 403
    assert not User.objects.exists()


def test_of_two_who_take_a_name_at_the_same_moment_one_reads_that_it_is_taken(transactional_db: None) -> None:
    forms = [SignUpForm({"username": name, "password": PASSWORD}) for name in ("dora", "DORA")]
    assert all(form.is_valid() for form in forms)
    both_ready = threading.Barrier(2)
    made: list[User | None] = []

    def create(form: SignUpForm) -> None:
        both_ready.wait(10)
        made.append(form.create_user())
        connections.close_all()

    threads = [threading.Thread(target=create, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(user is None for user in made) == [False, True]
    assert User.objects.count() == 1
    assert sorted(str(form.errors.get("username", [""])[0]) for form in forms) == ["", "That name is taken."]
