"""Passwords are hashed a few at a time, wherever they come from; beyond a bound people are turned away, and told so."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection
from django.test import Client

from games.access.quotas import Busy
from lobby.accounts import hashing
from lobby.accounts.hashing import PatientHasher, Slots
from lobby.models import SignInCount, User
from tests.support.site import PASSWORD, at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Slots:
    """One at a time, and one may wait."""
    ours = Slots(1, 1, patience=5.0)
    monkeypatch.setattr(hashing, "slots", ours)
    monkeypatch.setattr("lobby.backends.slots", ours)
    return ours


@pytest.fixture
def taken(slots: Slots) -> Iterator[None]:
    """Somebody holds the slot, somebody else waits, for the length of a test."""
    is_over = threading.Event()

    def hold() -> None:
        with slots.hold():
            is_over.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    while slots._places.acquire(blocking=False):
        slots._places.release()
    yield
    is_over.set()
    for thread in threads:
        thread.join()


def test_no_more_than_allowed_hold_a_slot_at_once() -> None:
    slots, now, most = Slots(2, 50), [0], [0]
    lock, meeting = threading.Lock(), threading.Barrier(2, timeout=10)

    def work(_: int) -> None:
        with slots.hold():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            meeting.wait()  # two do have it at once
            with lock:
                now[0] -= 1
            meeting.wait()

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(work, range(20)))
    assert most == [2]


def test_with_a_slot_a_caller_goes_on() -> None:
    slots = Slots(1, 0)
    with slots.hold(), slots.hold():
        pass
    with slots.hold():  # and it was given back
        pass


def test_whoever_waits_too_long_is_turned_away(taken: None) -> None:
    short = Slots(1, 1, patience=0.05)
    with short.hold(), ThreadPoolExecutor(1) as thread, pytest.raises(Busy):
        thread.submit(short.hold().__enter__).result()
    with short.hold():
        pass


@pytest.mark.parametrize("password", ["", PASSWORD, "x" * 4096])
def test_hashes_are_djangos_own(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1000)  # of both
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    old = make_password(password)
    settings.PASSWORD_HASHERS = ["lobby.accounts.hashing.PatientHasher"]
    assert check_password(password, old)
    assert not check_password(password + "x", old)
    new = make_password(password)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert check_password(password, new)


def test_the_sites_hasher_is_this_one() -> None:
    from config import settings as site

    assert site.PASSWORD_HASHERS == ["lobby.accounts.hashing.PatientHasher"]


@pytest.fixture
def real_hasher(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's, with as little work as it can be."""
    monkeypatch.setattr(PatientHasher, "iterations", 1)
    settings.PASSWORD_HASHERS = ["lobby.accounts.hashing.PatientHasher"]


SIGN_UP = {"username": "newcomer", "password": "battery-staple-7", "email": ""}
CHANGE = {"old_password": PASSWORD, "new_password1": "battery-staple-7", "new_password2": "battery-staple-7"}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/login/", {"username": "alice", "password": PASSWORD}),
        ("/admin/login/", {"username": "alice", "password": PASSWORD}),
        ("/accounts/signup/", SIGN_UP),
        ("/accounts/password/", CHANGE),
    ],
)
def test_a_page_says_that_others_come_first(
    alice: User, real_hasher: None, taken: None, path: str, fields: dict[str, Any]
) -> None:
    client = at(alice if path == "/accounts/password/" else None)
    answer = client.post(path, fields)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"Many people are signing in" in answer.content
    assert not User.objects.filter(username="newcomer").exists()
    assert not SignInCount.objects.filter(failures__gte=1).exists(), "nobody looked at a password"


def test_the_api_says_so_too(alice: User, taken: None) -> None:
    body = {"username": "alice", "password": PASSWORD}
    answer = Client().post("/api/token/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "try_again", "5")


def test_waiting_makes_no_more_threads_than_its_bound(alice: User, slots: Slots, real_hasher: None) -> None:
    """Of many that come at once some are served, the others hear it at once, and the next is served."""
    User.objects.update(password=make_password(PASSWORD))

    def sign_in(_: int) -> int:
        try:
            body = {"username": "alice", "password": PASSWORD}
            return Client().post("/api/token/", body, content_type="application/json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(sign_in, range(20)))
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    assert sign_in(0) == 200
