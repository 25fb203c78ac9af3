"""The list of players, in as many queries however long it is."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Player
from tests.support.stored_games import player, store_finished, store_game

LIST = reverse("admin:games_player_changelist")


def test_games_are_counted_in_either_seat(
    admin: Client, alice: Player, bob: Player, texts: Callable[[Any], str]
) -> None:
    store_game(alice, None)
    store_game(alice, bob)
    store_finished(bob, alice, "44", "resignation", 1)
    counted = {row.name: row.games_count for row in admin.get(LIST).context["cl"].result_list}
    assert (counted["alice"], counted["bob"], counted["boss"]) == (3, 2, 0)
    assert f"?player={alice.pk}" in texts(admin.get(LIST))


def test_queries_do_not_grow_with_the_players(admin: Client, bob: Player) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    few = count()
    for number in range(20):
        store_game(player(f"p{number}"), bob)
    assert count() == few


def test_people_are_found_by_name(admin: Client, alice: Player, bob: Player) -> None:
    assert [row.name for row in admin.get(LIST, {"q": "ALI"}).context["cl"].result_list] == ["alice"]


def test_the_page_of_a_player_opens(admin: Client, alice: Player, texts: Callable[[Any], str]) -> None:
    text = texts(admin.get(reverse("admin:games_player_change", args=[alice.pk])))
    assert reverse("admin:lobby_user_change", args=[alice.pk]) in text


def test_players_are_told_apart_by_kind(admin: Client, alice: Player, bob: Player) -> None:
    Player.objects.filter(pk=alice.pk).update(guest=True)
    Player.objects.filter(pk=bob.pk).update(computer=3)

    def shown(kind: str) -> set[tuple[str, str]]:
        return {(row.name, row.kind) for row in admin.get(LIST, {"kind": kind}).context["cl"].result_list}

    assert shown("guest") == {("alice", "guest")}
    assert shown("computer") == {("bob", "computer, level 3")}
    assert shown("bot") == set()
    assert shown("account") == {("boss", "")}
