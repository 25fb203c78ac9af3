"""Signing in and out."""

import pytest
from django.test import Client

from lobby.models import User
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_session_is_one_for_the_release_before_this_one_too(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize("username", ["alice", "ALICE", "Alice"])
def test_the_name_counts_in_any_case(client: Client, alice: User, username: str) -> None:
    response = client.post("/accounts/login/", {"username": username, "password": PASSWORD})
    assert response["Location"] == "/"
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("username", "password"),
    [("alice", PASSWORD.upper()), ("nobody", PASSWORD), ("alice", "x"), ("al_ce", PASSWORD), ("a%", PASSWORD)],
)
def test_what_does_not_match_is_refused(client: Client, alice: User, username: str, password: str) -> None:
    response = client.post("/accounts/login/", {"username": username, "password": password})
    assert response.status_code == 200
    assert b"That name and password don&#x27;t match." in response.content
    assert not is_signed_in(client)


def test_a_deactivated_person_is_refused(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert not is_signed_in(client)


def test_goes_on_to_where_one_was_going(client: Client, alice: User) -> None:
    fields = {"username": "alice", "password": PASSWORD, "next": "/join/A9F3QX/"}
    assert client.post("/accounts/login/", fields)["Location"] == "/join/A9F3QX/"


def test_never_goes_on_to_another_site(client: Client, alice: User) -> None:
    fields = {"username": "alice", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", fields)["Location"] == "/"


def test_where_one_was_going_survives_a_detour_to_signing_up(client: Client) -> None:
    page = client.get("/accounts/login/?next=/games/A9F3QX/").content.decode()
    assert 'href="/accounts/signup/?next=/games/A9F3QX/"' in page


def test_whoever_is_signed_in_goes_on_at_once(alice: User) -> None:
    assert at(alice).get("/accounts/login/?next=/history/")["Location"] == "/history/"


def test_signs_out_by_post_alone(alice: User) -> None:
    client = at(alice)
    assert client.get("/accounts/logout/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not is_signed_in(client)
