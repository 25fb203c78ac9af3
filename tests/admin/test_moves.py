"""The list of moves, in as many queries however long it is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Player
from tests.support.stored_games import player, store_game

LIST = reverse("admin:games_move_changelist")


@pytest.mark.parametrize(("first_move", "names"), [(1, ["alice", "bob", "alice"]), (2, ["bob", "alice", "bob"])])
def test_each_disc_has_its_owner(first_move: int, names: list[str], admin: Client, alice: Player, bob: Player) -> None:
    store_game(alice, bob, "443", first_move=first_move)
    changelist = admin.get(LIST).context["cl"]
    moves = sorted(changelist.result_list, key=lambda move: move.number)
    assert [changelist.model_admin.ply(move) for move in moves] == [1, 2, 3]
    assert [changelist.model_admin.participant(move) for move in moves] == names
    assert [changelist.model_admin.column_from_1(move) for move in moves] == [4, 4, 3]


@pytest.mark.parametrize(("typed", "found"), [("a01-qx9", 2), ("charlie", 1), ("zzzzzz", 0)])
def test_moves_are_found_by_game_and_by_name(typed: str, found: int, admin: Client, alice: Player, bob: Player) -> None:
    store_game(alice, bob, "44", id="A01QX9")
    store_game(player("charlie"), bob, "1")
    assert len(admin.get(LIST, {"q": typed}).context["cl"].result_list) == found


def test_queries_do_not_grow_with_the_moves(admin: Client, alice: Player, bob: Player) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(LIST).status_code == 200
        return len(queries)

    store_game(alice, bob, "4")
    few = count()
    for number in range(10):
        store_game(player(f"p{number}"), bob, "1122")
    assert count() == few
