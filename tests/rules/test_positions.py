"""What holds for every position, shown by properties; and the published counts of positions."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.rules.board import CELLS, COLUMNS, ROWS, Position

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def a_game(seed: int, at_most: int = CELLS) -> list[int]:
    """The columns of a random game, to its end or to ``at_most`` plies."""
    choose = random.Random(seed).choice
    position, columns = Position.start(), []
    while not position.is_over and len(columns) < at_most:
        columns.append(choose(position.legal_columns))
        position = position.play(columns[-1])
    return columns


@given(seeds, st.integers(min_value=0, max_value=CELLS))
def test_a_position_holds_the_discs_that_were_dropped(seed: int, plies: int) -> None:
    columns = a_game(seed, plies)
    position = Position.from_columns(columns)
    assert position.ply_count == len(columns)
    assert [position.height(column) for column in range(COLUMNS)] == [columns.count(c) for c in range(COLUMNS)]
    heights = [0] * COLUMNS
    for ply, column in enumerate(columns, start=1):
        assert position.disc_at(column, heights[column]) == (1 if ply % 2 else 2)
        heights[column] += 1
    for column in range(COLUMNS):
        assert all(position.disc_at(column, row) == 0 for row in range(heights[column], ROWS))


@given(seeds, st.integers(min_value=0, max_value=CELLS))
def test_legal_columns_are_those_not_full_until_the_game_is_over(seed: int, plies: int) -> None:
    position = Position.from_columns(a_game(seed, plies))
    assert position.open_columns == [column for column in range(COLUMNS) if position.height(column) < ROWS]
    assert position.legal_columns == ([] if position.is_over else position.open_columns)


@given(seeds, st.integers(min_value=0, max_value=COLUMNS - 1))
def test_playing_leaves_the_position_as_it_was(seed: int, column: int) -> None:
    position = Position.from_columns(a_game(seed, 20))
    before = (position.mover, position.waiter, position.ply_count, position.is_won)
    if column in position.legal_columns:
        assert position.play(column) != position
    assert tuple(position) == before


@given(seeds)
def test_a_mirrored_game_ends_in_the_same_way(seed: int) -> None:
    columns = a_game(seed)
    position, mirrored = Position.from_columns(columns), Position.from_columns(6 - column for column in columns)
    assert (position.is_won, position.is_full) == (mirrored.is_won, mirrored.is_full)
    assert (position.winning_line(columns[-1]) is None) == (mirrored.winning_line(6 - columns[-1]) is None)


@given(seeds)
def test_the_order_of_drops_that_meet_nowhere_does_not_matter(seed: int) -> None:
    columns = a_game(seed, 6)
    if Position.from_columns(columns[:5]).is_over or len(set(columns)) < 6:
        return
    swapped = [columns[2], columns[1], columns[0], *columns[3:]]
    assert Position.from_columns(swapped) == Position.from_columns(columns)


@given(seeds)
def test_a_winning_line_is_four_discs_of_the_winner_in_a_row_with_the_last_among_them(seed: int) -> None:
    columns = a_game(seed)
    position = Position.from_columns(columns)
    line = position.winning_line(columns[-1])
    if not position.is_won:
        assert line is None
        return
    assert line is not None
    winner = 1 if len(columns) % 2 else 2
    assert [position.disc_at(column, row) for column, row in line] == [winner] * 4
    assert (columns[-1], position.height(columns[-1]) - 1) in line
    steps = {(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line)}
    assert len(steps) == 1
    assert steps <= {(1, 0), (0, 1), (1, 1), (1, -1)}  # left to right, or bottom to top


def test_the_start_is_empty() -> None:
    start = Position.start()
    assert start.legal_columns == list(range(COLUMNS))
    assert (start.ply_count, start.is_won, start.is_full, start.is_over) == (0, False, False, False)
    assert start is Position.start()


def test_positions_are_hashable_and_compared_by_value() -> None:
    assert len({Position.from_columns([3, 2, 4, 1]), Position.from_columns([4, 1, 3, 2])}) == 1


def test_as_many_positions_are_reachable_as_published() -> None:
    """https://oeis.org/A212693: positions of 7 by 6 after n plies, games that are over among them."""
    positions = {Position.start()}
    counts = [len(positions)]
    for _ in range(8):
        positions = {position.play(column) for position in positions for column in position.legal_columns}
        counts.append(len(positions))
    assert counts == [1, 7, 49, 238, 1120, 4263, 16422, 54859, 184275]


@pytest.mark.parametrize("column", range(COLUMNS))
def test_discs_pile_up_from_the_bottom(column: int) -> None:
    position = Position.start()
    for row in range(ROWS):
        assert position.height(column) == row
        position = position.play(column)
        assert position.disc_at(column, row) == (1 if row % 2 == 0 else 2)
    assert column not in position.legal_columns
