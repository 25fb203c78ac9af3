"""Every drop that the rules don't allow, refused by its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.rules.board import COLUMNS, ColumnFull, GameOver, IllegalDrop, NoSuchColumn, Position


@given(st.integers().filter(lambda column: not 0 <= column < COLUMNS))
def test_a_column_that_is_not_there(column: int) -> None:
    with pytest.raises(NoSuchColumn, match=str(column)):
        Position.start().play(column)


@pytest.mark.parametrize("column", range(COLUMNS))
def test_a_full_column(column: int) -> None:
    position = Position.from_columns([column] * 6)
    with pytest.raises(ColumnFull, match=str(column)):
        position.play(column)


@pytest.mark.parametrize("column", [0, 3, 6, 7, -1])
def test_any_column_after_a_win(column: int) -> None:
    position = Position.from_columns([0, 1, 0, 1, 0, 1, 0])
    with pytest.raises(GameOver):
        position.play(column)


def test_any_column_of_a_full_board(full_board: Position) -> None:
    for column in range(-1, COLUMNS + 1):
        with pytest.raises(GameOver):
            full_board.play(column)


@pytest.fixture
def full_board() -> Position:
    from tests.support.notations import BOARD_FULL, columns_of

    return Position.from_columns(columns_of(BOARD_FULL))


@pytest.mark.parametrize("columns", [[7], [0] * 7, [0, 1, 0, 1, 0, 1, 0, 1]])
def test_a_game_with_an_illegal_drop_in_it(columns: list[int]) -> None:
    with pytest.raises(IllegalDrop):
        Position.from_columns(columns)


def test_refusals_are_value_errors() -> None:
    assert issubclass(IllegalDrop, ValueError)
    assert {NoSuchColumn, ColumnFull, GameOver} <= set(IllegalDrop.__subclasses__())
