"""Players: one for each user."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from games.game.people import Participant


class PlayerQuerySet(models.QuerySet["Player"]):
    """Named selections of players."""

    def of(self, user: Any) -> "Player":
        """The player that a user is; made now for a user who has none yet.

        Args:
            user: a saved user of ``AUTH_USER_MODEL``.
        """
        return self.get_or_create(user_id=user.pk, defaults={"name": user.get_username()})[0]


class Challengers(models.TextChoices):
    """Who may challenge somebody."""

    EVERYONE = "everyone", "Everyone"
    PLAYED = "played", "People I have played with"
    NOBODY = "nobody", "Nobody"


class Player(models.Model):
    """What a game needs to know of a person: one for each user, with the user's primary key."""

    DELETED_NAME = "[deleted]"
    FORGOTTEN_GUEST_NAME = "[guest]"
    PLACEHOLDER_NAMES = frozenset({DELETED_NAME, FORGOTTEN_GUEST_NAME})
    """What those are called who are gone; no user name can be one of them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="player")
    name = models.CharField(max_length=20)
    renamed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the name was changed last: processes ask for new names."
    )
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Last known to be connected.")
    computer = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="The level at which the server plays, 1 to 8."
    )
    guest = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="A person without an account."
    )
    bot = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="A program makes the moves of the account."
    )
    marked = models.BooleanField(
        default=False, db_default=False, editable=False,
        help_text="By a moderator: paired with marked people alone, and without a place in the leaderboard.",
    )  # fmt: skip

    challenged_by = models.CharField(
        max_length=8, choices=[(who.value, who.label) for who in Challengers], default=Challengers.EVERYONE,
        db_default=Challengers.EVERYONE.value, help_text="Who may challenge.",
    )  # fmt: skip

    objects = PlayerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [
            models.Index(fields=["renamed_at"], name="player_renamed", condition=Q(renamed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def participant(self) -> Participant:
        """The player as whoever holds a seat in a game."""
        return Participant(self.pk, self.name, self.computer, self.guest, self.bot)

    @property
    def challengers(self) -> list[tuple[str, str]]:
        """What `challenged_by` may be, for a form."""
        return list(Challengers.choices)

    @property
    def kind(self) -> str:
        """What sort of player it is, in one word or two; empty for a person with an account."""
        if self.computer is not None:
            return f"computer, level {self.computer}"
        return "guest" if self.guest else "bot" if self.bot else ""

    def rename(self, name: str) -> None:
        """Store another name; processes that show the games of this player hear of it within seconds."""
        self.name, self.renamed_at = name, timezone.now()
        self.save(update_fields=["name", "renamed_at"])
