"""Blocking: a button on a profile, a list on the account's page, and pairs who are kept apart."""

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from games.models import Player
from lobby.accounts import guests
from lobby.models import Block, User
from lobby.pairing import blocks
from lobby.profile import blocking
from tests.support.site import at

pytestmark = pytest.mark.django_db(transaction=True)


def apart(*people: User) -> set[frozenset[int]]:
    return blocks.among([person.pk for person in people])


def test_who_is_blocked_is_kept_apart_whoever_of_the_two_is_asked_about(alice: User, bob: User, charlie: User) -> None:
    client = at(alice)
    assert "Block" in client.get("/@/bob/").content.decode()
    answer = client.post("/@/bob/block/", follow=True)
    assert answer.redirect_chain == [("/@/bob/", 302)]
    assert "bob is blocked" in answer.content.decode()
    assert "Unblock" in answer.content.decode()
    pair = frozenset({alice.pk, bob.pk})
    assert apart(alice, bob, charlie) == apart(bob, alice) == {pair}
    assert apart(alice, charlie) == apart(bob) == set()
    client.post("/@/bob/unblock/")
    assert apart(alice, bob) == set()


def test_twice_is_once(alice: User, bob: User) -> None:
    client = at(alice)
    for _ in range(2):
        client.post("/@/BOB/block/")
    at(bob).post("/@/alice/block/")
    assert Block.objects.count() == 2
    assert apart(alice, bob) == {frozenset({alice.pk, bob.pk})}
    for _ in range(2):
        assert client.post("/@/bob/unblock/").status_code == 302
    assert apart(alice, bob) == {frozenset({alice.pk, bob.pk})}  # bob's own block stands


def test_the_blocked_person_sees_nothing_of_it(alice: User, bob: User) -> None:
    before = at(bob).get("/@/alice/").content
    at(alice).post("/@/bob/block/")
    after = at(bob).get("/@/alice/").content
    assert b"blocked" not in after
    assert len(after) == len(before)


def test_the_list_has_all_and_takes_blocks_back(alice: User, bob: User, charlie: User) -> None:
    client = at(alice)
    assert "You have blocked nobody" in client.get("/accounts/blocked/").content.decode()
    for name in ("charlie", "bob"):
        client.post(f"/@/{name}/block/")
    text = client.get("/accounts/blocked/").content.decode()
    assert text.index("/@/bob/") < text.index("/@/charlie/")
    answer = client.post("/@/bob/unblock/", {"back": "list"})
    assert answer["Location"] == "/accounts/blocked/"
    assert apart(alice, bob) == set()


def test_oneself_computers_and_nobody_cannot_be_blocked(alice: User, bob: User) -> None:
    Player.objects.filter(pk=bob.pk).update(computer=3)
    client = at(alice)
    for name in ("alice", "bob"):
        assert client.post(f"/@/{name}/block/")["Location"] == f"/@/{name}/"
        assert "Block</button>" not in client.get(f"/@/{name}/").content.decode()
    assert client.post("/@/nobody/block/").status_code == 404
    assert not Block.objects.exists()


def test_who_is_not_signed_in_blocks_nobody(alice: User) -> None:
    assert Client().post("/@/alice/block/")["Location"].startswith("/accounts/login/")
    assert at(alice).get("/@/alice/block/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/@/alice/block/").status_code == 403


def test_a_guest_may_block_and_be_blocked_and_the_block_goes_with_it(alice: User) -> None:
    guest = guests.make("192.0.2.7")
    at(guest).post("/@/alice/block/")
    at(alice).post(f"/@/{guest.username}/block/")
    assert Block.objects.count() == 2
    Player.objects.filter(pk=guest.pk).delete()
    assert not Block.objects.exists()


def test_limits(alice: User, bob: User, charlie: User, settings: LazySettings) -> None:
    settings.BLOCKS_PER_USER = 1
    client = at(alice)
    assert client.post("/@/bob/block/").status_code == 302
    assert client.post("/@/charlie/block/").status_code == 429
    settings.BLOCKS_PER_USER_PER_HOUR = 1
    client = at(bob)
    assert client.post("/@/charlie/block/").status_code == 302
    answer = client.post("/@/alice/block/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 60


def test_queries_grow_with_slices_alone(alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch) -> None:
    blocking.block(alice.pk, bob.player)
    with CaptureQueriesContext(connection) as asked:
        assert apart(alice, bob, charlie) == {frozenset({alice.pk, bob.pk})}
    assert len(asked) == 1
    monkeypatch.setattr(blocking, "AT_ONCE", 1)
    with CaptureQueriesContext(connection) as asked:
        assert apart(alice, bob, charlie) == {frozenset({alice.pk, bob.pk})}
    assert len(asked) == 3
