"""Five failures for a name from an address lock that name there, for a while, and nowhere else."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.test import Client

from tests.sockets.conftest import Person

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


def test_time_releases_it() -> None:
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=14))
    assert by_page("alice", PASSWORD, HOME).status_code == 429
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=1))
    assert by_page("alice", PASSWORD, HOME).status_code == 302


def test_trying_on_while_locked_does_not_lengthen_it() -> None:
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    began = AccessAttempt.objects.get().attempt_time
    for _ in range(5):
        by_page("alice", "wrong", HOME)
    assert AccessAttempt.objects.get().attempt_time == began


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


def test_nothing_secret_is_kept_of_a_failure(settings: LazySettings) -> None:
    by_page("alice", "my other password", HOME)
    attempt = AccessAttempt.objects.get()
    assert "my other password" not in attempt.post_data + attempt.get_data
