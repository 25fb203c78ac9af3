"""What a person can change about an account."""

import re

import pytest
from django.core import mail
from django.test import Client

from lobby.models import User
from tests.lobby.conftest import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "battery-staple-7"


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/password/", "/history/"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_the_email_address_is_changed_and_taken_away(alice: User) -> None:
    for email in ("new@example.org", ""):
        response = at(alice).post("/accounts/", {"email": email}, follow=True)
        assert b"Saved." in response.content
        alice.refresh_from_db()
        assert alice.email == email


def test_a_bad_email_is_refused_and_the_name_stays_on_the_page(alice: User) -> None:
    response = at(alice).post("/accounts/", {"email": "alice@", "username": "mallory"})
    assert "email" in response.context["form"].errors
    assert b"<h1>alice</h1>" in response.content
    alice.refresh_from_db()
    assert (alice.username, alice.email) == ("alice", "alice@example.org")


def change(client: Client, old: str, new: str, again: str) -> object:
    fields = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/accounts/password/", fields, follow=True)


def test_changing_the_password_keeps_this_session_and_ends_the_others(alice: User) -> None:
    here, elsewhere = at(alice), at(alice)
    change(here, PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)
    assert here.get("/accounts/").status_code == 200
    assert elsewhere.get("/accounts/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong", NEW_PASSWORD, NEW_PASSWORD), (PASSWORD, NEW_PASSWORD, "other"), (PASSWORD, "12345678", "12345678")],
)
def test_a_bad_change_of_password_changes_nothing(alice: User, old: str, new: str, again: str) -> None:
    change(at(alice), old, new, again)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_forgotten_password_is_reset_by_email_once(client: Client, alice: User) -> None:
    response = client.post("/accounts/reset/", {"email": "ALICE@example.org"}, follow=True)
    assert b"Look into your mail" in response.content
    [letter] = mail.outbox
    assert letter.subject == "A new password for Fourline"
    link = re.search(r"http://testserver(/accounts/reset/\S+)", letter.body)
    assert link is not None

    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    done = client.post(address, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}, follow=True)
    assert b"you are signed in" in done.content
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)
    assert b"This link no longer works" in Client().get(link[1], follow=True).content


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client, alice: User) -> None:
    response = client.post("/accounts/reset/", {"email": "nobody@example.org"}, follow=True)
    assert b"Look into your mail" in response.content
    assert not mail.outbox
