"""One's e-mail address: changed with the password, verified by a link, unique among the verified."""

import itertools

import pytest
from django.conf import LazySettings
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from lobby.accounts import emails
from lobby.accounts.letters import PostOffice
from lobby.models import User
from tests.support.mail import last_path, letters
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.usefixtures("mail_server")
CHANGE, AGAIN = "/accounts/email/", "/accounts/email/send/"


def has_verified(user: User, email: str | None = None) -> None:
    """This person's address is verified."""
    user.email = email or user.email
    user.email_verified_at = timezone.now()
    user.save()


def change(client: Client, email: str, password: str = PASSWORD) -> str:
    """Change the address; what the page then says."""
    return client.post(CHANGE, {"email": email, "password": password}, follow=True).content.decode()


def stored(user: User) -> tuple[str, bool]:
    """The address, and whether it is verified."""
    user.refresh_from_db()
    return user.email, user.email_verified_at is not None


def test_a_new_address_is_verified_by_its_letter(alice: User) -> None:
    here = at(alice)
    page = change(here, "new@example.org")
    assert "not verified yet" in page
    assert "A letter is on its way to new@example.org" in page
    assert stored(alice) == ("new@example.org", False)
    [letter] = letters()
    assert (letter.to, letter.subject) == (["new@example.org"], "Is this your address? Fourline")
    assert "the account alice at fourline.example" in str(letter.body)

    path = last_path()
    asks = here.get(path)
    assert b"Verify the address" in asks.content
    assert stored(alice) == ("new@example.org", False), "looking verifies nothing"
    page = here.post(path, follow=True).content.decode()
    assert "new@example.org is verified." in page
    assert '<span class="badge">verified</span>' in page
    assert stored(alice) == ("new@example.org", True)


def test_the_link_works_once_and_where_nobody_is_signed_in(alice: User) -> None:
    at(alice).post(AGAIN)
    path = last_path()
    assert Client().post(path)["Location"] == "/"
    assert stored(alice) == ("alice@example.org", True)
    for answer in (Client().get(path), Client().post(path)):
        assert answer.status_code == 404
        assert b"This link no longer works" in answer.content


def test_the_link_expires(alice: User, settings: LazySettings) -> None:
    at(alice).post(AGAIN)
    path = last_path()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().post(path).status_code == 404
    assert not stored(alice)[1]


def test_the_link_is_for_one_address_one_account_and_one_purpose(alice: User, bob: User) -> None:
    here = at(alice)
    here.post(AGAIN)
    old = last_path()
    change(here, "new@example.org")
    assert Client().post(old).status_code == 404
    new = last_path()
    bobs = new.replace(new.split("/")[3], emails._path("email_verify", bob, emails.verification_tokens).split("/")[3])
    assert Client().post(bobs).status_code == 404
    assert b"no longer works" in Client().get(new.replace("/email/", "/reset/"), follow=True).content
    assert not stored(alice)[1]
    assert not stored(bob)[1]


@pytest.mark.parametrize("path", ["/accounts/email/MQ/none-at-all/", "/accounts/email/AA/x-y/", "/accounts/email/_/x/"])
def test_what_is_no_link_of_ours_is_said_to_be_none(alice: User, path: str) -> None:
    assert Client().get(path).status_code == 404
    assert b"This link no longer works" in Client().post(path).content


def test_the_address_is_taken_away_without_a_letter(alice: User) -> None:
    page = change(at(alice), "")
    assert "Without one a forgotten password" in page
    assert stored(alice) == ("", False)
    assert letters() == []


def test_a_verified_address_hears_that_it_is_replaced(alice: User) -> None:
    has_verified(alice)
    change(at(alice), "new@example.org")
    assert {tuple(letter.to) for letter in letters()} == {("alice@example.org",), ("new@example.org",)}
    assert not stored(alice)[1]


def test_the_same_address_stays_verified(alice: User) -> None:
    has_verified(alice)
    change(at(alice), "alice@example.org")
    assert stored(alice) == ("alice@example.org", True)
    assert letters() == []


@pytest.mark.parametrize(
    ("email", "password"), [("alice@", PASSWORD), ("new@example.org", ""), ("a" * 250 + "@b.c", "x")]
)
def test_a_bad_change_is_refused_with_its_reason(alice: User, email: str, password: str) -> None:
    page = change(at(alice), email, password)
    assert 'class="errorlist"' in page
    assert stored(alice) == ("alice@example.org", False)


def test_a_wrong_password_changes_nothing_and_counts_towards_the_lock(alice: User) -> None:
    here = at(alice)
    for _ in range(4):
        assert "That is not your password." in change(here, "new@example.org", "wrong")
    assert here.post(CHANGE, {"email": "new@example.org", "password": "wrong"}).status_code == 429
    assert here.post(CHANGE, {"email": "new@example.org", "password": PASSWORD}).status_code == 429
    assert Client().post("/accounts/login/", {"username": "alice", "password": PASSWORD}).status_code == 429
    assert stored(alice) == ("alice@example.org", False)
    assert letters() == []


# --- who has which ----------------------------------------------------------------------------------------------


def test_an_address_is_one_accounts_among_the_verified_in_any_case(alice: User, bob: User) -> None:
    has_verified(alice)
    page = change(at(bob), "ALICE@example.org")
    assert "not verified yet" in page, "nobody is told that another account has it"
    path = last_path()
    refused = Client().post(path)
    assert (refused.status_code, b"Another account has this address" in refused.content) == (409, True)
    assert stored(bob) == ("ALICE@example.org", False)
    with pytest.raises(IntegrityError):
        has_verified(bob)


def test_no_address_at_all_is_nobodys(alice: User, bob: User) -> None:
    for user in (alice, bob):
        has_verified(user)
        user.email = ""
        user.save()
        assert stored(user) == ("", False)


# --- how often --------------------------------------------------------------------------------------------------


def test_letters_of_an_account_within_the_hour(alice: User, settings: LazySettings) -> None:
    settings.LETTERS_PER_ACCOUNT_PER_HOUR = 2
    here = at(alice)
    assert [here.post(AGAIN).status_code for _ in range(3)] == [302, 302, 429]
    refused = here.post(CHANGE, {"email": "new@example.org", "password": PASSWORD})
    assert refused.status_code == 429
    assert stored(alice) == ("alice@example.org", False)
    assert len(letters()) == 2
    change(here, "")
    assert stored(alice) == ("", False), "taking it away needs no letter"


def test_letters_to_one_mailbox_from_many_accounts(alice: User, bob: User, settings: LazySettings) -> None:
    settings.LETTERS_PER_ACCOUNT_PER_HOUR = 1
    for user, email in ((alice, "victim@example.org"), (bob, "Victim@example.org")):
        assert "A letter is on its way" in change(at(user), email), "the answer tells nothing of the other account"
    assert len(letters()) == 1


def test_nothing_is_sent_again_for_a_verified_address(alice: User) -> None:
    has_verified(alice)
    at(alice).post(AGAIN)
    assert letters() == []


def test_signing_up_with_an_address_sends_the_letter(client: Client) -> None:
    client.post("/accounts/signup/", {"username": "newcomer", "password": PASSWORD, "email": "new@example.org"})
    [letter] = letters()
    assert letter.to == ["new@example.org"]
    client.post(last_path())
    assert stored(User.objects.get()) == ("new@example.org", True)


def test_without_a_mail_server_the_page_says_so(alice: User, settings: LazySettings) -> None:
    settings.HAS_MAIL_SERVER = False
    page = change(at(alice), "new@example.org")
    assert "This site sends no e-mail." in page
    assert AGAIN not in page
    at(alice).post(AGAIN)
    assert letters() == []


def test_an_administrator_who_changes_an_address_does_not_verify_it(alice: User) -> None:
    has_verified(alice)
    User.objects.create_superuser("admin", "", PASSWORD)
    form = {"username": "alice", "email": "new@example.org", "is_active": "on"}
    at(User.objects.get(username="admin")).post(f"/admin/lobby/user/{alice.pk}/change/", form)
    assert stored(alice) == ("new@example.org", False)


# --- the background ---------------------------------------------------------------------------------------------


def test_what_fails_is_logged_without_an_address_and_the_next_is_sent(
    alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = itertools.count()
    send = emails.letters.send_mail

    def fail_once(*args: object) -> None:
        if next(tries) == 0:
            raise OSError(f"no such mailbox: {args}"[:15])
        send(*args)

    monkeypatch.setattr(emails.letters, "send_mail", fail_once)
    for _ in range(2):
        at(alice).post(AGAIN)
    assert len(letters()) == 1
    [record] = [record for record in caplog.records if record.name == "fourline.mail"]
    assert record.getMessage() == "a letter could not be sent: no such mailbox"
    assert record.exc_info is None


def test_a_full_queue_is_said_and_the_address_is_stored(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    full = PostOffice(1)
    full._work.put_nowait(lambda: None)
    monkeypatch.setattr(emails.letters, "post_office", full)
    page = change(at(alice), "new@example.org")
    assert "could not be sent just now" in page
    assert stored(alice) == ("new@example.org", False)
    reset = Client().post("/accounts/reset/", {"email": "new@example.org"})
    assert (reset.status_code, reset["Retry-After"]) == (503, "60")


def test_the_migration_keeps_every_account(alice: User, bob: User) -> None:
    """Even where several have one address, in any case of its letters: none is verified by it."""
    from django.core.management import call_command

    User.objects.filter(pk=bob.pk).update(email="ALICE@example.org")
    before = list(User.objects.order_by("pk").values_list("pk", "username", "email", "password"))
    call_command("migrate", "lobby", "0004", verbosity=0)
    call_command("migrate", "lobby", verbosity=0)
    assert list(User.objects.order_by("pk").values_list("pk", "username", "email", "password")) == before
    assert not User.objects.filter(email_verified_at__isnull=False).exists()
