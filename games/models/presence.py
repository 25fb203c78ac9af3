"""Who has left, and which processes there are."""

from typing import ClassVar

from django.db import models

from games.models.choices import SEATS
from games.models.games import Game


class Absence(models.Model):
    """Somebody has left a game that goes on; since when, by the store's clock. Gone when they are back."""

    game = models.ForeignKey(Game, models.CASCADE, related_name="absences", db_index=False)
    seat = models.PositiveSmallIntegerField(choices=SEATS)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["game", "seat"], name="absence_game_seat")]

    def __str__(self) -> str:
        return f"{self.game_id}: participant {self.seat}"


class Process(models.Model):
    """A server's process: when it was last alive, by the store's clock, and whether it has ended in order."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    ended = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return self.id
