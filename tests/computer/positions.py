"""Games and positions for tests of the computer, always the same for one seed."""

from random import Random

from games.rules.board import Position


def random_game(random: Random) -> list[int]:
    """A game in which both sides play any legal column."""
    position, columns = Position.start(), []
    while not position.is_over:
        columns.append(random.choice(position.legal_columns))
        position = position.play(columns[-1])
    return columns


def sensible_game(random: Random) -> list[int]:
    """A game in which both sides win when they can, block, and play under no threat; else by chance."""
    position, columns = Position.start(), []
    while not position.is_over:
        columns.append(_sensible_column(position, random))
        position = position.play(columns[-1])
    return columns


def _winning_columns(position: Position) -> list[int]:
    return [column for column in position.legal_columns if position.play(column).is_won]


def _sensible_column(position: Position, random: Random) -> int:
    others = _winning_columns(position._replace(mover=position.waiter, waiter=position.mover))
    safe = [column for column in position.legal_columns if not _winning_columns(position.play(column))]
    return random.choice(_winning_columns(position) or others or safe or position.legal_columns)
