"""The list of games: what it shows and finds, in as many queries however long it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Player
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, LONG_AGO, player, store_finished, store_game

LIST = reverse("admin:games_game_changelist")
Texts = Callable[[Any], str]


def found(client: Client, **search: str) -> list[str]:
    """The IDs that a search or filter gives."""
    return [game.pk for game in client.get(LIST, search).context["cl"].result_list]


def test_a_line_says_who_how_and_when(admin: Client, alice: Player, bob: Player, texts: Texts) -> None:
    store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    store_game(alice, None)
    text = texts(admin.get(LIST))
    for words in ("alice won: four in a row", ">7<", "2026-01-05 12:00", "waiting", ">bob<"):
        assert words in text


@pytest.mark.parametrize(
    ("reason", "winner", "words"),
    [("board_full", None, "no winner: board full"), ("resignation", 2, "bob won: resignation")],
)
def test_outcomes_are_in_words(
    admin: Client, alice: Player, bob: Player, texts: Texts, reason: str, winner: int | None, words: str
) -> None:
    store_finished(alice, bob, FULL_BOARD if winner is None else "44", reason, winner)
    assert words in texts(admin.get(LIST))


def test_the_newest_comes_first(admin: Client, alice: Player) -> None:
    old, new = (store_game(alice, None, create_time=LONG_AGO + timedelta(days=day)) for day in (0, 1))
    assert found(admin) == [new.pk, old.pk]


def test_queries_do_not_grow_with_the_games(admin: Client, alice: Player, bob: Player) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    store_game(alice, bob, "44")
    few = count()
    for number in range(30):
        store_finished(player(f"p{number}"), bob, ALICE_WINS, "four_in_a_row", 1)
    assert count() == few


# --- search -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["A01QX9", "a01qx9", "AOI-QX9", " a 0 1 q x 9 ", "aol-qx9"])
def test_an_id_is_found_in_any_form(typed: str, admin: Client, alice: Player) -> None:
    game = store_game(alice, None, id="A01QX9")
    store_game(alice, None)
    assert found(admin, q=typed) == [game.pk]


def test_names_are_found_in_any_case_and_in_part(admin: Client, alice: Player, bob: Player) -> None:
    theirs = store_game(alice, bob)
    store_game(player("charlie"), None)
    assert found(admin, q="ALI") == [theirs.pk]
    assert found(admin, q="bob") == [theirs.pk]


def test_two_names_find_the_games_between_them(admin: Client, alice: Player, bob: Player) -> None:
    charlie = player("charlie")
    theirs = store_game(bob, alice)
    store_game(alice, charlie)
    assert found(admin, q="alice bob") == [theirs.pk]


def test_a_name_that_could_be_an_id_is_found(admin: Client, alice: Player) -> None:
    game = store_game(player("r0bert"), alice)
    assert found(admin, q="r0bert") == [game.pk]


@pytest.mark.parametrize("typed", ["nobody-of-that-name", "%", "' OR 1=1 --", "x" * 5000])
def test_what_is_not_there_is_not_found(typed: str, admin: Client, alice: Player) -> None:
    store_game(alice, None)
    assert found(admin, q=typed) == []


def test_a_nul_in_a_search_is_no_failure(admin: Client, alice: Player) -> None:
    assert admin.get(LIST, {"q": "a\0b"}).status_code == 200


# --- filters ----------------------------------------------------------------------------------------------------


def test_filters(admin: Client, alice: Player, bob: Player) -> None:
    waiting = store_game(alice, None, visibility="private")
    running = store_game(alice, bob)
    won = store_finished(bob, alice, ALICE_WINS, "four_in_a_row", 1)
    assert found(admin, state__exact="waiting") == [waiting.pk]
    assert found(admin, state__exact="in-progress") == [running.pk]
    assert found(admin, reason__exact="four_in_a_row") == [won.pk]
    assert found(admin, visibility__exact="private") == [waiting.pk]
    assert set(found(admin, player=str(bob.pk))) == {running.pk, won.pk}


def test_the_date_hierarchy(admin: Client, alice: Player) -> None:
    january = store_game(alice, None)
    store_game(alice, None, create_time=LONG_AGO + timedelta(days=40))
    assert found(admin, create_time__year="2026", create_time__month="1") == [january.pk]


@pytest.mark.parametrize("value", ["0", "999999", "9" * 30, "x", "-1", "1 OR 1=1"])
def test_a_player_that_is_nobody_filters_nothing(value: str, admin: Client, alice: Player) -> None:
    game = store_game(alice, None)
    assert found(admin, player=value) == [game.pk]


# --- what can't be done -----------------------------------------------------------------------------------------


def test_a_game_cannot_be_added(admin: Client) -> None:
    assert admin.get(reverse("admin:games_game_add")).status_code == 403
    assert "Add game" not in admin.get(LIST).content.decode()


def test_games_cannot_be_deleted(admin: Client, alice: Player) -> None:
    game = store_game(alice, None)
    assert admin.post(reverse("admin:games_game_delete", args=[game.pk]), {"post": "yes"}).status_code == 403
    answer = admin.post(LIST, {"action": "delete_selected", "_selected_action": game.pk, "post": "yes"}, follow=True)
    assert "No action selected." in answer.content.decode()
    assert found(admin) == [game.pk]


def test_only_staff_may_look(alice: Player, bob: Player) -> None:
    outsider = Client()
    outsider.force_login(alice.user)
    assert outsider.get(LIST).status_code == 302
    assert Client().get(LIST).status_code == 302


def test_a_viewer_sees_no_way_to_end_games(viewer: Client, moderator: Client, alice: Player, texts: Texts) -> None:
    store_game(alice, None)
    assert "Export as JSON" in texts(viewer.get(LIST))
    assert "adjudication…" not in texts(viewer.get(LIST))
    assert "End by adjudication…" in texts(moderator.get(LIST))
