"""What a person can change about an account."""

import pytest
from django.test import Client

from lobby.models import User
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "battery-staple-7"
WRONG = {"old_password": "wrong", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/email/", "/accounts/password/", "/history/"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


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


def test_wrong_old_passwords_count_towards_the_sign_in_lock(alice: User) -> None:
    here = at(alice)
    for _ in range(4):
        assert b"Your old password was entered incorrectly" in here.post("/accounts/password/", WRONG).content
    assert here.post("/accounts/password/", WRONG).status_code == 429
    right = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    locked = here.post("/accounts/password/", right)
    assert (locked.status_code, b"locked for a while" in locked.content) == (429, True)
    assert Client().post("/accounts/login/", {"username": "Alice", "password": PASSWORD}).status_code == 429
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_failures_to_sign_in_count_towards_changing_the_password(alice: User) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"username": "alice", "password": "wrong"})
    assert at(alice).post("/accounts/password/", WRONG).status_code == 429
