"""Four in a row in each direction, and the 42nd disc."""

import pytest

from games.rules.board import CELLS, COLUMNS, ROWS, GameOver, Position
from tests.support.notations import BOARD_FULL, WON_BY_THE_42ND, columns_of


@pytest.mark.parametrize(
    ("notation", "line"),
    [
        ("1122334", ((0, 0), (1, 0), (2, 0), (3, 0))),
        ("1212121", ((0, 0), (0, 1), (0, 2), (0, 3))),
        ("12234334644", ((0, 0), (1, 1), (2, 2), (3, 3))),
        ("76654554244", ((3, 3), (4, 2), (5, 1), (6, 0))),
        ("4455667", ((3, 0), (4, 0), (5, 0), (6, 0))),
    ],
    ids=["flat", "upright", "rising", "falling", "flat at the right edge"],
)
def test_four_in_a_row_wins(notation: str, line: tuple[tuple[int, int], ...]) -> None:
    columns = columns_of(notation)
    before = Position.from_columns(columns[:-1])
    assert not before.is_won
    position = before.play(columns[-1])
    assert position.is_won
    assert position.is_over
    assert position.legal_columns == []
    assert position.winning_line(columns[-1]) == line
    with pytest.raises(GameOver):
        position.play(0)


def every_line() -> list[tuple[tuple[int, int], ...]]:
    lines = []
    for step_column, step_row in ((1, 0), (0, 1), (1, 1), (1, -1)):
        for column in range(COLUMNS):
            for row in range(ROWS):
                cells = tuple((column + i * step_column, row + i * step_row) for i in range(4))
                if all(0 <= c < COLUMNS and 0 <= r < ROWS for c, r in cells):
                    lines.append(cells)
    return lines


def test_there_are_69_lines_and_each_wins_wherever_its_last_disc_falls() -> None:
    lines = every_line()
    assert len(lines) == 69
    for line in lines:
        upright = line[0][0] == line[1][0]
        for last in line[3:] if upright else line:
            others = sum(1 << 7 * c + r for c, r in line if (c, r) != last)
            # Just enough of the other side's discs below the last cell for the disc to land there.
            below = sum(1 << 7 * last[0] + r for r in range(last[1]) if (last[0], r) not in line)
            position = Position(others, below, 10, False).play(last[0])
            assert position.is_won, (line, last)
            assert position.winning_line(last[0]) == line


def test_a_line_does_not_run_from_the_top_of_a_column_into_the_next() -> None:
    top_of_first = sum(1 << row for row in (3, 4, 5))
    position = Position(top_of_first, 0, 10, False).play(1)
    assert not position.is_won


def test_of_several_lines_it_is_always_the_same_one() -> None:
    """Flat before upright before rising before falling, then the leftmost."""
    seven_flat = sum(1 << 7 * column for column in range(COLUMNS) if column != 3)
    assert Position(seven_flat, 0, 12, False).play(3).winning_line(3) == ((0, 0), (1, 0), (2, 0), (3, 0))
    flat_and_upright = sum(1 << 7 * column + 3 for column in (0, 1, 2)) | sum(1 << 21 + row for row in (0, 1, 2))
    assert Position(flat_and_upright, 0, 12, False).play(3).winning_line(3) == ((0, 3), (1, 3), (2, 3), (3, 3))


def test_a_full_board_is_nobodys() -> None:
    columns = columns_of(BOARD_FULL)
    assert len(columns) == CELLS
    assert not Position.from_columns(columns[:-1]).is_over
    position = Position.from_columns(columns)
    assert (position.is_full, position.is_over, position.is_won) == (True, True, False)
    assert position.winning_line(columns[-1]) is None


def test_a_win_with_the_42nd_disc_is_a_win() -> None:
    columns = columns_of(WON_BY_THE_42ND)
    assert len(columns) == CELLS
    assert not Position.from_columns(columns[:-1]).is_over
    position = Position.from_columns(columns)
    assert (position.is_full, position.is_over, position.is_won) == (True, True, True)
    assert position.winning_line(columns[-1]) is not None
