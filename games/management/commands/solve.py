"""``manage.py solve 44353``: the exact score of every column of a position."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable
from games.computer.words import table
from games.rules.board import COLUMNS, IllegalDrop, Position

SECONDS = 60.0
"""How long a position may take; with the book none needs a second."""


class Command(BaseCommand):
    """Solves one position."""

    help = (
        "Prints the score of each column of a position, for the side to move: 0 a draw; positive, it wins; negative, "
        "it loses; the size is 1 + the discs that the winner has still in hand when it wins, both playing perfectly."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the moves."""
        parser.add_argument(
            "moves", nargs="?", default="", help="one digit a move, columns counted from 1; none: empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the scores, or fail with one line that says why not."""
        columns = _columns(options["moves"])
        position = _position(columns)
        try:
            scores = Engine().score_columns(columns, SECONDS)
        except (EngineUnavailable, DeadlineExceeded) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(table(position, scores))


def _columns(moves: str) -> list[int]:
    wrong = next((sign for sign in moves if sign not in "1234567"), None)
    if wrong is not None:
        raise CommandError(f"{wrong!r} is no column: moves are digits from 1 to {COLUMNS}, such as 44353")
    return [int(digit) - 1 for digit in moves]


def _position(columns: list[int]) -> Position:
    position = Position.start()
    for ply, column in enumerate(columns, 1):
        try:
            position = position.play(column)
        except IllegalDrop as error:
            raise CommandError(f"move {ply} can't be played in column {column + 1}: {error}") from None
    if position.is_over:
        raise CommandError(
            f"the game is over after move {len(columns)}: {'won' if position.is_won else 'the board is full'}"
        )
    return position
