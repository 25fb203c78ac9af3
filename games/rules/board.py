"""Connect Four: seven columns, six rows, four in a row wins.

A position is two bitboards and never changes; playing a column makes a new one. Bit ``7 * column + row`` stands for
a cell, row 0 at the bottom; the seventh bit of each column stays empty, so that a line never runs from the top of one
column into the bottom of the next (the layout of Fhourstones, by John Tromp, https://tromp.github.io/c4/fhour.html).
"""

from collections.abc import Iterable
from typing import NamedTuple

COLUMNS = 7
ROWS = 6
CELLS = COLUMNS * ROWS

Cell = tuple[int, int]
"""A cell as (column, row), both counted from 0."""

_HEIGHT = ROWS + 1
_BOTTOM = tuple(1 << _HEIGHT * column for column in range(COLUMNS))
_COLUMN = tuple(((1 << ROWS) - 1) << _HEIGHT * column for column in range(COLUMNS))
_DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))


class IllegalDrop(ValueError):
    """A disc that the rules don't let fall."""


class NoSuchColumn(IllegalDrop):
    """The column is not one of 0 to 6."""


class ColumnFull(IllegalDrop):
    """The column holds six discs already."""


class GameOver(IllegalDrop):
    """Four in a row stand, or the board is full."""


class Position(NamedTuple):
    """A board with the side to move; immutable, hashable, compared by value.

    >>> position = Position.from_columns([3, 3, 2])
    >>> position.ply_count, position.legal_columns
    (3, [0, 1, 2, 3, 4, 5, 6])
    """

    mover: int
    """The discs of the side to move, as a bitboard."""
    waiter: int
    """The discs of the side that moved last, as a bitboard."""
    ply_count: int
    """How many discs have been dropped."""
    is_won: bool
    """Whether the side that moved last has four in a row."""

    @classmethod
    def start(cls) -> "Position":
        """The empty board."""
        return _START

    @classmethod
    def from_columns(cls, columns: Iterable[int]) -> "Position":
        """The position after these drops.

        Args:
            columns: the columns played, counted from 0, in order.

        Raises:
            IllegalDrop: one of them is not a legal drop.
        """
        position = _START
        for column in columns:
            position = position.play(column)
        return position

    def play(self, column: int) -> "Position":
        """Drop a disc of the side to move.

        Args:
            column: counted from 0.

        Returns:
            The position after it, with the other side to move.

        Raises:
            NoSuchColumn, ColumnFull, GameOver: the drop is illegal.
        """
        mover, waiter, ply_count, is_won = self
        if is_won or ply_count == CELLS:
            raise GameOver("the game is over")
        if not 0 <= column < COLUMNS:
            raise NoSuchColumn(f"there is no column {column}")
        # Adding the bottom bit carries through the discs of the column to its lowest empty cell.
        disc = ((mover | waiter) + _BOTTOM[column]) & _COLUMN[column]
        if not disc:
            raise ColumnFull(f"column {column} is full")
        mover |= disc
        # Two shifts a direction find four in a row: first pairs, then pairs of pairs.
        pairs = mover & (mover >> 7)
        won = pairs & (pairs >> 14)
        if not won:
            pairs = mover & (mover >> 1)
            won = pairs & (pairs >> 2)
        if not won:
            pairs = mover & (mover >> 8)
            won = pairs & (pairs >> 16)
        if not won:
            pairs = mover & (mover >> 6)
            won = pairs & (pairs >> 12)
        # A bare tuple.__new__ costs half of the named constructor; this is the inner loop of every replay.
        return _new(Position, (waiter, mover, ply_count + 1, won != 0))

    @property
    def is_full(self) -> bool:
        """Whether all 42 cells hold a disc."""
        return self.ply_count == CELLS

    @property
    def is_over(self) -> bool:
        """Whether no disc may be dropped any more."""
        return self.is_won or self.ply_count == CELLS

    @property
    def open_columns(self) -> list[int]:
        """The columns that are not full, in order, whether or not the game is over."""
        discs = self.mover | self.waiter
        return _OPEN_COLUMNS[discs >> 5 & 1 | discs >> 11 & 2 | discs >> 17 & 4 | discs >> 23 & 8
                             | discs >> 29 & 16 | discs >> 35 & 32 | discs >> 41 & 64]  # fmt: skip

    @property
    def legal_columns(self) -> list[int]:
        """The columns that may be played: those not full, and none when the game is over."""
        return [] if self.is_over else self.open_columns

    def height(self, column: int) -> int:
        """How many discs a column holds: also the row in which the next one lands.

        Args:
            column: 0 to 6.
        """
        return ((self.mover | self.waiter) & _COLUMN[column]).bit_count()

    def disc_at(self, column: int, row: int) -> int:
        """Whose disc a cell holds.

        Args:
            column, row: counted from 0.

        Returns:
            0 for an empty cell, 1 for the side that moved first in the game, 2 for the other.
        """
        cell = 1 << _HEIGHT * column + row
        if not (self.mover | self.waiter) & cell:
            return 0
        is_movers = bool(self.mover & cell)
        return 1 if is_movers == (self.ply_count % 2 == 0) else 2

    def winning_line(self, column: int) -> tuple[Cell, Cell, Cell, Cell] | None:
        """Four cells in a row through the last disc.

        Args:
            column: where the last disc was dropped.

        Returns:
            The cells from left to right, or from bottom to top; of several lines always the same one: flat before
            upright before rising before falling, then the leftmost. None when the last disc won nothing.
        """
        last = (column, self.height(column) - 1)
        return _line_through(self.waiter, last) if self.is_won else None


_new = tuple.__new__
_START = Position(0, 0, 0, False)
# Shared lists: nobody may change them. Made once, because every move announces its legal columns.
_OPEN_COLUMNS = tuple([column for column in range(COLUMNS) if not full >> column & 1] for full in range(1 << COLUMNS))


def _line_through(discs: int, last: Cell) -> tuple[Cell, Cell, Cell, Cell] | None:
    for step_column, step_row in _DIRECTIONS:
        for back in (3, 2, 1, 0):
            cells = [(last[0] + (i - back) * step_column, last[1] + (i - back) * step_row) for i in range(4)]
            if all(0 <= c < COLUMNS and 0 <= r < ROWS and discs >> (_HEIGHT * c + r) & 1 for c, r in cells):
                return cells[0], cells[1], cells[2], cells[3]
    return None
