"""A simple, sensible player, and whole games by two of it."""

from random import Random

from games.rules.board import Position

_CENTRE_FIRST = (1, 2, 4, 6, 4, 2, 1)
"""How readily each column is chosen where nothing forces a choice."""


def choose(position: Position, chance: Random) -> int:
    """A column to play: a win, else what stops one, else somewhere that gives nothing away, the centre rather.

    Args:
        position: one with a legal column.
        chance: where the choice is free.
    """
    legal = position.legal_columns
    wins = [column for column in legal if position.play(column).is_won]
    stops = [column for column in legal if _other_side(position).play(column).is_won]
    safe = [column for column in legal if not _gives_a_win(position.play(column))]
    choices = wins or stops or safe or legal
    return chance.choices(choices, [_CENTRE_FIRST[column] for column in choices])[0]


def _other_side(position: Position) -> Position:
    """The same board with the other side to move: what it would do if it could."""
    return position._replace(mover=position.waiter, waiter=position.mover)


def _gives_a_win(position: Position) -> bool:
    return any(position.play(column).is_won for column in position.legal_columns)


def play_out(chance: Random) -> tuple[list[int], Position]:
    """A whole game.

    Args:
        chance: where choices are free.

    Returns:
        The columns played, and the final position.
    """
    position, columns = Position.start(), []
    while not position.is_over:
        columns.append(choose(position, chance))
        position = position.play(columns[-1])
    return columns, position


def won_game(chance: Random) -> list[int]:
    """The columns of a game that ends with four in a row."""
    while True:
        columns, position = play_out(chance)
        if position.is_won:
            return columns


def drawn_game(chance: Random) -> list[int]:
    """The columns of a game that fills the board; about one game in seven of this player does."""
    while True:
        columns, position = play_out(chance)
        if not position.is_won:
            return columns


def unfinished_game(chance: Random, at_least: int) -> list[int]:
    """The columns of a game that stops before anything is decided.

    Args:
        chance: where choices are free.
        at_least: plies, fewer than seven.
    """
    columns, _ = play_out(chance)
    return columns[: chance.randint(at_least, len(columns) - 1)]
