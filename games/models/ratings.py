"""Ratings, and what each rated game did to them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from games.models.games import Game
from games.models.players import Player


class Rating(models.Model):
    """How strong a player is at a speed, after the last rated game (`games.ratings`). No row before the first."""

    player = models.ForeignKey(Player, models.PROTECT, related_name="ratings", db_index=False)
    speed = models.CharField(max_length=14)
    rating = models.FloatField()
    deviation = models.FloatField()
    volatility = models.FloatField()
    games = models.PositiveIntegerField(default=0, help_text="Rated games at this speed that counted.")
    last_game_at = models.DateTimeField(null=True, blank=True, help_text="When the newest of them ended.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["player", "speed"], name="rating_player_speed"),
        ]
        indexes: ClassVar = [
            # What the leaderboard reads, best first.
            models.Index(fields=["speed", "-rating"], name="rating_stable", condition=Q(deviation__lte=75.0)),
        ]

    def __str__(self) -> str:
        return f"{self.speed} {self.rating:.0f}"


class RatingChange(models.Model):
    """What one rated game did to one player's rating. Append-only: from these rows all ratings are computed again."""

    # No indexes of their own: those of the constraints serve.
    game = models.ForeignKey(Game, models.PROTECT, related_name="rating_changes", db_index=False)
    player = models.ForeignKey(Player, models.PROTECT, related_name="rating_changes", db_index=False)
    speed = models.CharField(max_length=14)
    number = models.PositiveIntegerField(help_text="Which of the player's rated games at this speed it is, from 1.")
    score = models.FloatField(help_text="1 for a win, 0.5 for a draw, 0 for a loss.")
    at = models.DateTimeField(help_text="When the game ended.")
    rating_before = models.FloatField()
    deviation_before = models.FloatField()
    volatility_before = models.FloatField()
    rating = models.FloatField("rating after")
    deviation = models.FloatField("deviation after")
    volatility = models.FloatField("volatility after")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["player", "speed", "number"], name="rating_change_number"),
            models.UniqueConstraint(fields=["game", "player"], name="rating_change_game_player"),
        ]

    def __str__(self) -> str:
        return f"{self.game_id}: {self.rating_before:.0f} to {self.rating:.0f}"


class RatingCorrection(models.Model):
    """Points that a moderator has given to a rating, or taken from it. Append-only, as `RatingChange` is.

    It comes after so many of the player's rated games at the speed; of several, in the order of their keys.
    """

    player = models.ForeignKey(Player, models.PROTECT, related_name="rating_corrections", db_index=False)
    speed = models.CharField(max_length=14)
    after_games = models.PositiveIntegerField(help_text="Rated games at this speed that the player had by then.")
    points = models.FloatField(help_text="Negative where they were taken.")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["player", "speed"], name="rating_correction_player")]

    def __str__(self) -> str:
        return f"{self.player}, {self.speed}: {self.points:+.0f}"
