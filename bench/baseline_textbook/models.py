"""One row a game, its moves as digits, as a tutorial has it."""

from django.conf import settings
from django.db import models

from games.rules.board import Position


class Game(models.Model):
    """A game and the moves played in it."""

    participant1 = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="games_as_participant1")
    participant2 = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="games_as_participant2")
    columns = models.CharField(max_length=42, blank=True, default="")
    winner = models.PositiveSmallIntegerField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"game {self.pk}"

    def position(self) -> Position:
        """The board after all moves."""
        return Position.from_columns(map(int, self.columns))

    def seat_of(self, user_id: int | None) -> int | None:
        """1 or 2 for a participant, None for anyone else."""
        return {self.participant1_id: 1, self.participant2_id: 2}.get(user_id)
