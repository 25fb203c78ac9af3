"""Failures are counted before the password is looked at: of a name from an address, and of an address."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.db.models import F
from django.test import Client

from lobby.accounts import sign_in_lock
from lobby.models import SignInCount
from tests.support.people import Person

PASSWORD = "correct horse 42"
HOME, CAFE = "198.51.100.1", "203.0.113.9"


@pytest.fixture(autouse=True)
def _passwords(alice: Person, bob: Person) -> None:
    for someone in (alice, bob):
        assert someone.player is not None
        someone.player.user.set_password(PASSWORD)
        someone.player.user.save()


def by_page(name: str, password: str, address: str, path: str = "/accounts/login/") -> Any:
    return Client().post(path, {"username": name, "password": password}, REMOTE_ADDR=address)


def by_api(name: str, password: str, address: str) -> Any:
    body = {"username": name, "password": password}
    return Client().post("/api/token/", body, content_type="application/json", REMOTE_ADDR=address)


def test_the_fifth_failure_locks_and_says_so_plainly() -> None:
    assert [by_page("alice", "wrong", HOME).status_code for _ in range(4)] == [200] * 4
    locked = by_page("Alice", "wrong", HOME)
    assert locked.status_code == 429
    assert b"locked for a while" in locked.content
    assert locked["Retry-After"] == "900"
    assert by_page("alice", PASSWORD, HOME).status_code == 429


def test_the_last_allowed_failure_is_forgiven_by_signing_in() -> None:
    for _ in range(2):
        assert [by_page("alice", "wrong", HOME).status_code for _ in range(4)] == [200] * 4
        assert by_page("alice", PASSWORD, HOME).status_code == 302


def later(minutes: float) -> None:
    """So many minutes pass for what is counted."""
    SignInCount.objects.update(counted_at=F("counted_at") - minutes * 60)


def test_time_releases_it() -> None:
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    later(14)
    assert by_page("alice", PASSWORD, HOME)["Retry-After"] in ("60", "59")
    later(1)
    assert by_page("alice", PASSWORD, HOME).status_code == 302


def test_trying_on_while_locked_does_not_lengthen_it() -> None:
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    before = sorted(SignInCount.objects.values_list())
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    assert sorted(SignInCount.objects.values_list()) == before


def test_login_lockout_of_another() -> None:
    """Nobody can lock another out: it takes failures from that other's own address."""
    for _ in range(10):
        by_page("alice", "wrong", CAFE)
    assert by_page("alice", PASSWORD, HOME).status_code == 302
    assert by_page("bob", PASSWORD, CAFE).status_code == 302


@pytest.mark.parametrize("spelling", ["ALICE", "Alice", "aLiCe"])
def test_capitals_are_no_way_around_it(spelling: str) -> None:
    for name in ("alice", "ALICE", "Alice", "aLICE", "alicE"):
        by_api(name, "wrong", HOME)
    assert by_api(spelling, PASSWORD, HOME).status_code == 429


def test_a_forwarded_header_is_no_way_around_it() -> None:
    for number in range(5):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        Client().post("/accounts/login/", {"username": "alice", "password": "wrong"}, REMOTE_ADDR=HOME, headers=headers)
    assert by_page("alice", PASSWORD, HOME).status_code == 429


def test_page_api_and_admin_count_together() -> None:
    statuses = [
        by_page("alice", "wrong", HOME).status_code,
        by_api("alice", "wrong", HOME).status_code,
        by_page("alice", "wrong", HOME, "/admin/login/").status_code,
        by_api("alice", "wrong", HOME).status_code,
        by_api("alice", "wrong", HOME).status_code,
    ]
    assert statuses == [200, 401, 200, 401, 429]
    refused = by_api("alice", PASSWORD, HOME)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused["Retry-After"] == "900"
    assert by_page("alice", PASSWORD, HOME, "/admin/login/").status_code == 429


def test_an_ipv6_customer_is_one_address() -> None:
    for number in range(5):
        by_api("alice", "wrong", f"2001:db8:0:1::{number}")
    assert by_api("alice", PASSWORD, "2001:db8:0:1:ffff::1").status_code == 429
    assert by_api("alice", PASSWORD, "2001:db8:0:2::1").status_code == 200


def test_neither_password_nor_name_nor_address_is_kept_of_a_failure() -> None:
    by_page("alice", "my other password", HOME)
    kept = str(list(SignInCount.objects.values_list()))
    assert not [text for text in ("my other password", "alice", HOME) if text in kept]


# --- guesses at the same moment ---------------------------------------------------------------------------------


def at_once(*attempts: tuple[str, str, str]) -> list[int]:
    """The statuses of sign-ins by the API that come at the same moment."""

    def attempt(given: tuple[str, str, str]) -> int:
        try:
            status: int = by_api(*given).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(attempt, attempts))


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were looked at."""
    passwords: list[str] = []
    verify = PBKDF2PasswordHasher.verify

    def note(self: PBKDF2PasswordHasher, password: str, encoded: str) -> bool:
        passwords.append(password)
        return verify(self, password, encoded)

    monkeypatch.setattr(PBKDF2PasswordHasher, "verify", note)
    return passwords


def test_of_forty_guesses_at_once_five_are_looked_at(hashed: list[str]) -> None:
    statuses = Counter(at_once(*[("alice", f"wrong {number}", HOME) for number in range(40)]))
    assert len(hashed) == 5
    assert statuses == {401: 4, 429: 36}
    assert by_api("alice", PASSWORD, HOME).status_code == 429


def test_a_right_password_among_them_is_one_of_five(hashed: list[str]) -> None:
    guesses = [("alice", f"wrong {number}", HOME) for number in range(39)]
    statuses = Counter(at_once(*guesses, ("alice", PASSWORD, HOME)))
    assert statuses[200] == (PASSWORD in hashed)
    before = hashed.index(PASSWORD) if PASSWORD in hashed else len(hashed)
    assert before <= 5
    assert len(hashed) <= before + 6, "it forgives what went before it, once"


# --- one password for many names --------------------------------------------------------------------------------


def test_one_wrong_password_for_each_of_thirty_names() -> None:
    began = time.monotonic()
    statuses = [by_api(f"person{number}", "Password1", CAFE).status_code for number in range(30)]
    assert statuses == [401] * 19 + [429] * 11
    refused = by_page("bob", PASSWORD, CAFE)
    assert refused.status_code == 429
    assert 40 - (time.monotonic() - began) <= int(refused["Retry-After"]) <= 45
    assert b"from your network" in refused.content
    assert by_page("bob", PASSWORD, HOME).status_code == 302


def test_many_names_at_once(hashed: list[str]) -> None:
    statuses = Counter(at_once(*[(name, "wrong", CAFE) for name in ["alice", "bob"] * 20]))
    assert len(hashed) == 10, "five of each"
    assert statuses[429] >= 30


def test_the_places_of_an_address_come_back_one_by_one(settings: LazySettings) -> None:
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    for number in range(3):
        by_api(f"person{number}", "wrong", CAFE)
    assert 295 <= int(by_page("bob", PASSWORD, CAFE)["Retry-After"]) <= 300
    later(5)
    assert by_api("person4", "wrong", CAFE).status_code == 429, "this place was the last again"
    assert by_page("bob", PASSWORD, CAFE).status_code == 429
    later(5)
    assert by_page("bob", PASSWORD, CAFE).status_code == 302


def test_a_school_that_signs_in_at_once_is_not_locked(settings: LazySettings) -> None:
    """A right password gives the place back, and nobody holds one while waiting for a turn."""
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    assert at_once(*[(name, PASSWORD, CAFE) for name in ["alice", "bob"] * 15]) == [200] * 30


def test_a_name_that_is_locked_costs_the_address_nothing(settings: LazySettings) -> None:
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 8
    for _ in range(20):
        by_api("alice", "wrong", CAFE)
    assert by_page("bob", PASSWORD, CAFE).status_code == 302


def test_what_no_longer_counts_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    by_api("alice", "wrong", HOME)
    later(16)
    monkeypatch.setattr(sign_in_lock, "_forgot_at", float("-inf"))
    by_api("bob", "wrong", CAFE)
    assert SignInCount.objects.count() == 2
