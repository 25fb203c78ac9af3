"""Accounts: Django's page for our user, and a kind word where games stand in the way of a deletion."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Player
from lobby import admin as lobby_admin
from lobby.models import User
from tests.support.stored_games import store_game

LIST = reverse("admin:lobby_user_changelist")
Texts = Callable[[Any], str]


def delete(client: Client, player: Player, **options: Any) -> Any:
    return client.post(reverse("admin:lobby_user_delete", args=[player.pk]), {"post": "yes"}, **options)


def add(client: Client, name: str) -> Any:
    form = {
        "username": name,
        "usable_password": "true",
        "password1": "correct-horse-42",
        "password2": "correct-horse-42",
    }
    return client.post(reverse("admin:lobby_user_add"), form)


def test_a_user_is_added_with_a_player(admin: Client) -> None:
    assert add(admin, "dora").status_code == 302
    assert Player.objects.get(name="dora").user.check_password("correct-horse-42")


@pytest.mark.parametrize("name", ["ALICE", "a", "a b", "[deleted]", "x" * 21, "é-name", "", "Guest-9"])
def test_a_wrong_or_taken_name_is_refused(name: str, admin: Client, alice: Player) -> None:
    answer = add(admin, name)
    assert answer.status_code == 200
    assert "username" in answer.context["adminform"].form.errors
    assert User.objects.count() == 2


def test_the_page_of_a_user_opens_and_renames(admin: Client, alice: Player) -> None:
    address = reverse("admin:lobby_user_change", args=[alice.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, {"username": "alicia", "email": "", "is_active": "on"}).status_code == 302
    assert Player.objects.get(pk=alice.pk).name == "alicia"


def test_a_user_without_games_is_deleted_with_the_player(admin: Client, alice: Player) -> None:
    assert delete(admin, alice).status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()
    assert not Player.objects.filter(pk=alice.pk).exists()


@pytest.mark.parametrize("seat", [1, 2])
def test_a_user_with_a_seat_is_kept_and_it_is_said_why(
    seat: int, admin: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    store_game(*((alice, bob) if seat == 1 else (bob, alice)))
    answer = delete(admin, alice)
    assert answer.status_code == 200
    assert "1 game of alice" in texts(answer)
    assert "Delete person…" in texts(answer)
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_seat_taken_while_the_page_asks_is_said(
    admin: Client, alice: Player, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_game(alice, None)
    nothing_yet = ([f"User: {alice}"], {"users": 1}, set(), [])
    monkeypatch.setattr(lobby_admin.UserAdmin, "get_deleted_objects", lambda *_: nothing_yet)
    assert "Not deleted: this person holds a seat in a game." in texts(delete(admin, alice, follow=True))
    assert User.objects.filter(pk=alice.pk).exists()


def test_users_are_not_deleted_in_bulk(admin: Client, alice: Player) -> None:
    admin.post(LIST, {"action": "delete_selected", "_selected_action": alice.pk, "post": "yes"})
    assert User.objects.filter(pk=alice.pk).exists()


def test_queries_do_not_grow_with_the_users(admin: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    few = count()
    for number in range(20):
        User.objects.create_user(f"u{number}")
    assert count() == few
