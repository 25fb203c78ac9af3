"""A forgotten password: a link to the address of one account, and nobody learns whether there is one."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from lobby.models import User
from tests.support.mail import last_path, letters
from tests.support.site import PASSWORD

pytestmark = pytest.mark.usefixtures("mail_server")
NEW_PASSWORD = "battery-staple-7"
CHOICE = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


def ask(email: str, **options: str) -> str:
    """Ask for a link; what the page then says."""
    return Client(**options).post("/accounts/reset/", {"email": email}, follow=True).content.decode()


def finish(path: str) -> tuple[Client, str]:
    """Follow a link and choose a new password; the browser, and what its page says."""
    client = Client()
    form = client.get(path, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else path
    return client, client.post(address, CHOICE, follow=True).content.decode()


def verify(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())


def test_a_forgotten_password_is_reset_by_a_letter_once(alice: User) -> None:
    assert "Look into your mail" in ask("ALICE@example.org")
    [letter] = letters()
    assert (letter.subject, letter.to) == ("A new password for Fourline", ["alice@example.org"])
    path = last_path()
    client, page = finish(path)
    assert "you are signed in" in page
    assert "_auth_user_id" in client.session
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)
    assert b"This link no longer works" in Client().get(path, follow=True).content


def test_following_the_link_verifies_the_address(alice: User) -> None:
    ask("alice@example.org")
    Client().get(last_path(), follow=True)
    alice.refresh_from_db()
    assert alice.email_verified_at is None, "programs that guard a mailbox look too"
    finish(last_path())
    alice.refresh_from_db()
    assert alice.email_verified_at is not None


def test_of_duplicates_none_is_reset_until_one_is_verified(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(email="ALICE@example.org")
    assert "Look into your mail" in ask("alice@example.org")
    assert letters() == []
    verify(bob)
    ask("alice@example.org")
    [letter] = letters()
    assert letter.to == ["ALICE@example.org"]
    assert "Hello bob" in str(letter.body)


def test_a_link_ends_when_somebody_else_proves_the_address(alice: User, bob: User) -> None:
    ask("alice@example.org")
    path = last_path()
    User.objects.filter(pk=bob.pk).update(email="alice@example.org", email_verified_at=timezone.now())
    assert "This link no longer works" in finish(path)[1]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize(
    "email", ["nobody@example.org", "al\u0131ce@example.org", "alice@example.org.", "%@example.org"]
)
def test_an_unknown_address_gets_the_same_answer_and_no_letter(alice: User, email: str) -> None:
    known, unknown = ask("alice@example.org"), ask("nobody@example.org")
    assert known == unknown
    before = len(letters())
    ask(email)
    assert len(letters()) == before


@pytest.mark.parametrize("fields", [{"is_active": False}, {"password": "!"}])
def test_who_cannot_sign_in_gets_none(alice: User, fields: dict[str, object]) -> None:
    User.objects.update(**fields)
    assert "Look into your mail" in ask("alice@example.org")
    assert letters() == []


def test_the_link_is_of_the_settings_and_not_of_the_request(alice: User, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    ask("alice@example.org", headers={"host": "evil.example:8443"})  # type: ignore[arg-type]
    [letter] = letters()
    assert "evil" not in str(letter.body)
    assert "https://fourline.example/accounts/reset/" in str(letter.body)


def test_resets_of_an_account_are_limited_and_nobody_sees_it(alice: User, settings: LazySettings) -> None:
    settings.LETTERS_PER_ACCOUNT_PER_HOUR = 2
    pages = {ask("alice@example.org") for _ in range(4)}
    assert len(pages) == 1
    assert len(letters()) == 2


def test_resets_from_an_address_are_limited(alice: User, settings: LazySettings) -> None:
    settings.RESETS_PER_ADDRESS_PER_HOUR = 3
    statuses = [Client().post("/accounts/reset/", {"email": f"x{n}@example.org"}).status_code for n in range(4)]
    assert statuses == [302, 302, 302, 429]
    elsewhere = Client().post("/accounts/reset/", {"email": "alice@example.org"}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize("missing", ["HAS_MAIL_SERVER", "PUBLIC_URL"])
def test_without_a_mail_server_or_an_address_resets_are_refused(
    alice: User, settings: LazySettings, missing: str
) -> None:
    setattr(settings, missing, "")
    for answer in (Client().get("/accounts/reset/"), Client().post("/accounts/reset/", {"email": "alice@example.org"})):
        assert answer.status_code == 403
        assert b"be reset here" in answer.content
    assert letters() == []


def test_under_debug_the_link_is_of_this_machine(alice: User, settings: LazySettings) -> None:
    settings.HAS_MAIL_SERVER, settings.PUBLIC_URL, settings.DEBUG = False, "", True
    settings.HOST, settings.PORT = "0.0.0.0", 9000
    assert "Look into your mail" in ask("alice@example.org")
    assert "\nhttp://localhost:9000/accounts/reset/" in str(letters()[-1].body)
