"""The log of each game: its changes, and those of them that are discs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from games.models.choices import SEATS
from games.rules import board

START = "join"
"""The kind of the change with which a game starts; its body says the ``opening``, where there is one."""
MOVE = "move"
"""The kind of a change that is a disc."""
TAKEBACK = "takeback"
"""The kind of a change that takes discs back; its body says how many ``plies``."""


class Change(models.Model):
    """A row of a game's log: append-only. The kinds and what their bodies say: `games.game.changes`.

    Up to the end of a game a change's number is the game's version after it. An offer of a rematch and what becomes of
    it come after the end and are numbered on, while the version that clients know stays.
    """

    # No index of its own: the one of change_game_number serves, and a third index costs a third of a move's insert.
    game = models.ForeignKey("games.Game", models.PROTECT, related_name="changes", db_index=False)
    number = models.SmallIntegerField(help_text="The place in the game's log, counted from 1.")
    kind = models.CharField(max_length=20)
    seat = models.SmallIntegerField(null=True, blank=True, choices=SEATS, help_text="Whose doing it is.")
    column = models.SmallIntegerField(null=True, blank=True, help_text="Of a disc, counted from 0.")
    at = models.DateTimeField()
    body = models.TextField(blank=True, default="", help_text="All else, as JSON.")

    class Meta:
        ordering: ClassVar = ["game", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["game", "number"], name="change_game_number"),
            models.CheckConstraint(name="change_column_in_range", condition=Q(column__gte=0, column__lt=board.COLUMNS)),
        ]

    def __str__(self) -> str:
        return f"{self.game_id} {self.number}: {self.kind}"


class MoveManager(models.Manager["Move"]):
    """The changes that are discs."""

    def get_queryset(self) -> "models.QuerySet[Move]":
        """Discs alone."""
        return super().get_queryset().filter(kind=MOVE)


class Move(Change):
    """One disc: a change with a column, the time at which it was played, and the seat of whoever played it."""

    objects = MoveManager()  # type: ignore[misc]  # of a proxy, in place of the one of its base

    class Meta:
        proxy = True

    def __str__(self) -> str:
        return f"{self.game_id} {self.number}: column {self.column}"
