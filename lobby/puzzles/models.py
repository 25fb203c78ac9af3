"""What is stored: the puzzles of each day, and people's answers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from games.models import Game, Player
from games.rules.board import CELLS, COLUMNS
from games.rules.outcomes import mover_of

A_DAY = 3
"""Puzzles of one day."""


class Puzzle(models.Model):
    """A position that was on the board of a game, with the scores of its columns."""

    day = models.DateField(help_text="By UTC.")
    number = models.PositiveSmallIntegerField(help_text="Of its day, the easiest first.")
    game = models.ForeignKey(Game, models.CASCADE, related_name="puzzles")
    moves = models.CharField(max_length=CELLS, help_text="That lead to the position, columns counted from 1.")
    scores = models.JSONField(help_text="Of each column; null for a full one.")
    answer = models.PositiveSmallIntegerField(help_text="The one column that keeps the result, counted from 0.")
    position = models.CharField(max_length=32, unique=True, help_text="The same for its mirror image: no repeats.")

    class Meta:
        ordering: ClassVar = ["-day", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "number"], name="puzzle_day_number"),
            models.CheckConstraint(name="puzzle_number_in_range", condition=Q(number__gte=1, number__lte=A_DAY)),
            models.CheckConstraint(name="puzzle_answer_in_range", condition=Q(answer__lt=COLUMNS)),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.number}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("puzzle", args=[self.day, self.number])

    @property
    def columns(self) -> list[int]:
        """The moves that lead to the position, counted from 0."""
        return [int(digit) - 1 for digit in self.moves]

    @property
    def ply(self) -> int:
        """The ply that is to be played."""
        return len(self.moves) + 1

    @property
    def seat(self) -> int:
        """The participant whose move it is. Reads the game."""
        return mover_of(self.ply, self.game.first_move)

    @property
    def is_won(self) -> bool:
        """Whether the answer wins; else it holds a draw."""
        return bool(self.scores[self.answer] > 0)


class Attempt(models.Model):
    """A person's answer to a puzzle: one each, the first."""

    player = models.ForeignKey(Player, models.CASCADE, related_name="puzzle_attempts")
    puzzle = models.ForeignKey(Puzzle, models.CASCADE, related_name="attempts")
    column = models.PositiveSmallIntegerField(help_text="Counted from 0.")
    is_right = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["player", "puzzle"], name="puzzle_attempt_once")]

    def __str__(self) -> str:
        return f"{self.player_id}: {self.puzzle_id}, column {self.column}"
