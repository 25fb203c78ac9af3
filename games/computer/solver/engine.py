"""Perfect play: the score of every column of a position, or of all positions of a game."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from games.computer.solver.book import BOOK_PLIES, BookUnusable, check_book, installed_book
from games.computer.solver.machine import DeadlineExceeded, Machine, MachineUnavailable
from games.rules.board import COLUMNS, GameOver, Position

__all__ = ["DeadlineExceeded", "Engine", "EngineUnavailable", "Scores"]

Scores = tuple[int | None, ...]
"""Of seven columns: the mover's score, None where the column is full.

0 a draw; positive, the mover wins; negative, loses; its size is 1 + the discs that the winner has still in hand when
it wins, both playing perfectly. The empty board has 1: won with the 41st disc.
"""

_FULL: Final = -128


class EngineUnavailable(Exception):
    """Perfect play is not to be had here, or not for this position; the text says what is missing."""


class Engine:
    """Answers questions about positions. For one thread at a time; its memory is about 60 MB, 20 of them shared."""

    def __init__(self, book: Path | None = None) -> None:
        """Start the solver.

        Args:
            book: the book's file; None for that of the installed package.

        Raises:
            EngineUnavailable: the solver can't run here. A book that is missing or corrupt is no reason: see `lacks`.
        """
        self.lacks = ""
        """Why positions of fewer than 12 discs can't be scored; empty where they can."""
        try:
            checked: Path | None = check_book(book or installed_book())
        except BookUnusable as reason:
            checked, self.lacks = None, str(reason)
        try:
            self._machine = Machine(checked)
        except MachineUnavailable as reason:
            raise EngineUnavailable(str(reason)) from None
        self._find_rooms()

    @classmethod
    def with_book(cls) -> "Engine":
        """An engine that can score every position.

        Raises:
            EngineUnavailable: the solver can't run here, or has no book.
        """
        engine = cls()
        if engine.lacks:
            raise EngineUnavailable(engine.lacks)
        return engine

    def _find_rooms(self) -> None:
        self._game, self._scores = self._machine.room("game_room"), self._machine.room("scores_room")

    def score_columns(self, columns: Sequence[int], seconds: float | None = None) -> Scores:
        """The score of each column of a position.

        Args:
            columns: the moves that lead to it, counted from 0.
            seconds: how long it may take.

        Raises:
            IllegalDrop: one of them is not a legal move, or the game is over after them.
            EngineUnavailable: it has fewer than 12 discs and there is no book.
            DeadlineExceeded: it took longer.
        """
        if Position.from_columns(columns).is_over:
            raise GameOver("the game is over: there is nothing to score")
        self._ask("score_position", columns, len(columns), seconds=seconds)
        return self._read(len(columns), len(columns) + 1)[0]

    def score_game(self, columns: Sequence[int], from_ply: int = 1, seconds: float | None = None) -> list[Scores]:
        """The scores of each position of a game, each before a ply was played.

        Args:
            columns: the moves of the game, counted from 0; it need not be over.
            from_ply: the first ply of interest, counted from 1.
            seconds: how long it may take, all together.

        Returns:
            The scores before ply ``from_ply``, the next, and so on to the last.

        Raises:
            IllegalDrop, EngineUnavailable, DeadlineExceeded: as for `score_columns`.
        """
        Position.from_columns(columns)
        if from_ply > len(columns):
            return []
        self._ask("score_game", columns, from_ply - 1, len(columns), seconds=seconds)
        return self._read(from_ply - 1, len(columns))

    def _ask(self, question: str, columns: Sequence[int], first: int, *more: int, seconds: float | None) -> None:
        if self.lacks and first < BOOK_PLIES:
            raise EngineUnavailable(self.lacks)
        machine = self._machine
        machine.call("forget")
        machine.write(bytes(columns), self._game)
        machine.call(question, first, *more, seconds=seconds)

    def _read(self, first: int, end: int) -> list[Scores]:
        content = memoryview(self._machine.read(self._scores + first * COLUMNS, (end - first) * COLUMNS)).cast("b")
        return [
            tuple(None if score == _FULL else score for score in content[start : start + COLUMNS])
            for start in range(0, len(content), COLUMNS)
        ]
