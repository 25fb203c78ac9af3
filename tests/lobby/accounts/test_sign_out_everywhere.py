"""Signing out everywhere."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from games.access import families
from lobby.models import User
from tests.support.site import PASSWORD, at

PATH = "/accounts/logout/everywhere/"


def calls(access: object) -> int:
    """The status of a call with a token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return int(client.post("/api/games/").status_code)


def test_the_account_page_leads_to_it(alice: User) -> None:
    assert f'href="{PATH}"'.encode() in at(alice).get("/accounts/").content


def test_the_page_says_what_it_does_and_does_nothing(alice: User) -> None:
    here = at(alice)
    assert b"this one included" in here.get(PATH).content
    assert here.get("/accounts/").status_code == 200


def test_it_ends_all_sessions_and_tokens_of_that_person_alone(alice: User, bob: User) -> None:
    here, elsewhere, another = at(alice), at(alice), at(bob)
    refresh, others = families.begin(alice), families.begin(bob)
    answer = here.post(PATH, follow=True)
    assert b"You are signed out everywhere." in answer.content
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    for browser in (here, elsewhere):
        assert browser.get("/accounts/").status_code == 302
    assert calls(refresh.access_token) == 401
    assert APIClient().post("/api/token/refresh/", {"refresh": str(refresh)}).status_code == 401
    assert another.get("/accounts/").status_code == 200
    assert calls(others.access_token) == 201


def test_one_signs_in_again_and_may_do_so_again(alice: User) -> None:
    for _ in range(2):
        here = Client()
        fields = {"username": "alice", "password": PASSWORD}
        assert here.post("/accounts/login/", fields)["Location"] == "/"
        assert here.get("/accounts/").status_code == 200
        tokens = APIClient().post("/api/token/", fields).json()
        assert calls(tokens["access"]) == 201
        here.post(PATH)
        assert here.get("/accounts/").status_code == 302
        assert calls(tokens["access"]) == 401


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_no_other_site_can_do_it(alice: User, is_signed_in: bool) -> None:
    strict = Client(enforce_csrf_checks=True)
    if is_signed_in:
        strict.force_login(alice)
    assert strict.post(PATH).status_code == 403
    alice.refresh_from_db()
    assert alice.sign_outs == 0


def test_nobody_is_sent_to_sign_in(client: Client, transactional_db: None) -> None:
    assert client.get(PATH)["Location"] == f"/accounts/login/?next={PATH}"
    assert client.post(PATH).status_code == 302
