"""What is stored of the computer's work: the reviews of games, queued and done."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from games.computer.review import MOST_BYTES
from games.models import Game


class ReviewQuerySet(models.QuerySet["Review"]):
    """Named selections of reviews."""

    def queued(self) -> "ReviewQuerySet":
        """Those that are still to be done."""
        return self.filter(scores=None)

    def done(self) -> "ReviewQuerySet":
        """Those that can be read."""
        return self.exclude(scores=None)


class Review(models.Model):
    """The review of a game: queued, then done; see `games.computer.reviews.queue`."""

    game = models.OneToOneField(Game, models.CASCADE, primary_key=True, related_name="review")
    queued_at = models.DateTimeField()
    is_requested = models.BooleanField(default=False, help_text="Somebody waits for it: it comes first.")
    claimed_by = models.CharField(max_length=32, blank=True, default="", help_text="The process that is at it.")
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text="Nobody takes it before: the one that is at it has it, or it failed just now."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it has failed.")
    scores = models.BinaryField(max_length=MOST_BYTES, null=True, blank=True, help_text="Null while it is queued.")
    done_at = models.DateTimeField(null=True, blank=True)
    weighed = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Whether both sides' conduct was taken from it."
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-queued_at"]
        indexes: ClassVar = [
            models.Index(fields=["is_requested", "queued_at"], name="review_queued", condition=Q(scores=None)),
            models.Index(fields=["done_at"], name="review_to_weigh", condition=Q(done_at__isnull=False, weighed=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="review_is_queued_or_done",
                condition=Q(scores=None, done_at=None) | Q(scores__isnull=False, done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.game_id}: {'queued' if self.scores is None else 'done'}"


class Looked(models.Model):
    """Up to when all finished games are known to have been queued: one row."""

    until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "looked"

    def __str__(self) -> str:
        return f"until {self.until}"
