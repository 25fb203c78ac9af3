"""Chat on pages: switched off and on, somebody's lines hidden and shown, and what bounds that."""

import pytest
from django.conf import LazySettings
from django.test import Client

from games.chat import choices, reading
from games.chat.models import Chatter, Hiding
from games.models import Player
from lobby.accounts import guests
from lobby.models import User
from lobby.profile import blocking
from tests.support.site import at

pytestmark = pytest.mark.django_db(transaction=True)


def test_chat_is_switched_off_and_on(alice: User) -> None:
    client = at(alice)
    assert "Switch chat off" in client.get("/accounts/").content.decode()
    page = client.post("/accounts/chat/", {"chat": "off"}, follow=True).content.decode()
    assert choices.is_off(alice.pk)
    assert "Chat is off." in page
    assert "Switch chat on" in page
    client.post("/accounts/chat/", {"chat": "on"})
    assert not choices.is_off(alice.pk)
    assert Chatter.objects.count() == 1


def test_guests_can_switch_it_off_too() -> None:
    guest = guests.make("192.0.2.7")
    at(guest).post("/accounts/chat/", {"chat": "off"})
    assert choices.is_off(guest.pk)


def test_only_by_post_and_signed_in(alice: User, bob: User) -> None:
    for path in ("/accounts/chat/", "/@/bob/hide/", "/@/bob/unhide/"):
        assert at(alice).get(path).status_code == 405
        assert Client().post(path).headers["Location"].startswith("/accounts/login/")
    assert not Hiding.objects.exists()


def test_somebody_is_hidden_and_shown(alice: User, bob: User) -> None:
    client = at(alice)
    assert "Hide in chat" in client.get("/@/bob/").content.decode()
    before = at(bob).get("/@/alice/").content
    for _ in range(2):
        page = client.post("/@/bob/hide/", follow=True).content.decode()
    assert "Show in chat" in page
    assert len(at(bob).get("/@/alice/").content) == len(before)  # who is hidden sees nothing of it
    assert reading.unseen_by([alice.pk, bob.pk]) == {alice.pk: {bob.pk}}
    page = client.get("/accounts/blocked/").content.decode()
    assert "Hidden in chat" in page
    answer = client.post("/@/bob/unhide/", {"back": "list"}, follow=True)
    assert answer.redirect_chain == [("/accounts/blocked/", 302)]
    assert not Hiding.objects.exists()


def test_who_is_blocked_is_hidden_and_does_not_hide_the_other(alice: User, bob: User) -> None:
    blocking.block(alice.pk, Player.objects.get(pk=bob.pk))
    assert reading.unseen_by([alice.pk, bob.pk]) == {alice.pk: {bob.pk}}


def test_how_many_may_be_hidden_is_bounded(alice: User, bob: User, charlie: User, settings: LazySettings) -> None:
    settings.BLOCKS_PER_USER = 1
    client = at(alice)
    assert client.post("/@/bob/hide/").status_code == 302
    assert client.post("/@/charlie/hide/").status_code == 429
    assert [player.name for player in choices.hidden_by(alice.pk)] == ["bob"]
