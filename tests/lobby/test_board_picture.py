"""`{% board_picture game %}`."""

import re

import pytest

from games.storage import loading
from games.templatetags.boards import board_picture
from lobby.models import User
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)


def cells(svg: str) -> list[str]:
    """The classes of the 42 cells, bottom row first."""
    return re.findall(r'<circle class="cell(?: ([^"]*))?" ', svg)


def test_discs_lie_where_they_fell(alice: User, bob: User) -> None:
    svg = board_picture(store_game(alice.player, bob.player, "443"))
    assert len(cells(svg)) == 42
    shown = {index: classes for index, classes in enumerate(cells(svg)) if classes}
    assert shown == {3: "disc-1", 10: "disc-2", 2: "disc-1 last"}
    assert "style" not in svg


def test_who_moved_first_decides_whose_discs_they_are(alice: User, bob: User) -> None:
    svg = board_picture(store_game(alice.player, bob.player, "44", first_move=2))
    assert {index: c for index, c in enumerate(cells(svg)) if c} == {3: "disc-2", 10: "disc-1 last"}


def test_the_winning_four_are_marked(alice: User, bob: User) -> None:
    svg = board_picture(store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1))
    assert [index for index, classes in enumerate(cells(svg)) if "won" in classes] == [0, 7, 14, 21]


def test_a_row_and_a_live_game_give_the_same_picture(alice: User, bob: User) -> None:
    game = store_game(alice.player, bob.player, "4453")
    live = loading.load(game.pk)
    assert live is not None
    assert board_picture(game) == board_picture(live)


def test_an_empty_board(alice: User) -> None:
    assert set(cells(board_picture(store_game(alice.player, None)))) == {""}
