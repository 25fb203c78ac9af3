"""Move by move against an implementation that is not ours: https://github.com/MarkusThill/BitBully."""

import random

import pytest

from games.rules.board import Position

pytestmark = pytest.mark.needs("bitbully")


def test_thousands_of_random_games_agree_at_every_ply() -> None:
    from bitbully import Board

    choose = random.Random(4).choice
    wins = full = 0
    for _ in range(3000):
        position, board = Position.start(), Board()
        while not position.is_over:
            assert position.legal_columns == board.legal_moves()
            column = choose(position.legal_columns)
            position = position.play(column)
            assert board.play(column)
            assert position.is_won == board.has_win()
            assert position.is_over == board.is_game_over()
        wins += position.is_won
        full += position.is_full and not position.is_won
    assert wins > 2900  # random play hardly ever fills the board, but among thousands it does
    assert full > 0
