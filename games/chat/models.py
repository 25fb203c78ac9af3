"""What is stored of chat: rooms, lines, and what people and moderators have chosen."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from games.chat.rules import LONGEST
from games.models import Game, Player
from games.protocol import ChatRoom

_KINDS = [(kind.value, kind.value) for kind in ChatRoom]


class Room(models.Model):
    """Where lines of a series are said: its participants' room, or its spectators'. Made by the first line."""

    series = models.ForeignKey(
        Game, models.CASCADE, related_name="chat_rooms", db_index=False, help_text="The first game of the series."
    )
    kind = models.CharField(max_length=12, choices=_KINDS)
    last_number = models.PositiveIntegerField(default=0, help_text="Of the newest line.")
    revision = models.PositiveIntegerField(default=0, help_text="How often lines were deleted.")
    changed_at = models.DateTimeField(db_index=True, help_text="Processes ask for what changed lately.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "kind"], name="chat_room_series_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.series_id}"


class Line(models.Model):
    """Something that somebody said."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(help_text="The place in its room, counted from 1.")
    game = models.ForeignKey(
        Game, models.CASCADE, related_name="+", db_index=False, help_text="The game of the series it was said in."
    )
    # Who has said something in a reported game stays, without a name.
    player = models.ForeignKey(Player, models.PROTECT, related_name="chat_lines", db_index=False)
    text = models.CharField(max_length=LONGEST)
    at = models.DateTimeField()
    is_shadow = models.BooleanField(
        "said while muted", default=False, help_text="Said by somebody who was muted: shown to nobody else."
    )
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="When a moderator deleted it.")
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    is_kept = models.BooleanField(
        "kept for a report", default=False, help_text="It was to be forgotten, and there is a report about it."
    )

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "number"], name="chat_line_room_number")]
        indexes: ClassVar = [
            models.Index(fields=["player", "-at"], name="chat_line_player_at"),
            models.Index(fields=["at"], name="chat_line_to_forget", condition=Q(is_kept=False)),
            # Whoever deletes an account looks for these.
            models.Index(fields=["deleted_by"], name="chat_line_deleted", condition=Q(deleted_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"


class Chatter(models.Model):
    """What somebody has chosen about chat, and whether moderators have muted them. No row: nothing of both."""

    player = models.OneToOneField(Player, models.CASCADE, primary_key=True, related_name="chatter")
    is_off = models.BooleanField("chat is off", default=False, help_text="The person wants to see no chat.")
    muted_until = models.DateTimeField(null=True, blank=True)
    is_muted_for_good = models.BooleanField("muted for good", default=False)

    class Meta:
        verbose_name = "person in chat"
        verbose_name_plural = "people in chat"

    def __str__(self) -> str:
        return self.player.name

    def is_muted(self, now: datetime) -> bool:
        """Whether nobody else sees what they say now."""
        return self.is_muted_for_good or (self.muted_until is not None and now < self.muted_until)


class Hiding(models.Model):
    """Somebody wants to see no lines of another."""

    player = models.ForeignKey(Player, models.CASCADE, related_name="+", db_index=False)
    hidden = models.ForeignKey(Player, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["player", "hidden"], name="chat_hiding_once"),
            models.CheckConstraint(condition=~Q(player=models.F("hidden")), name="chat_hiding_another"),
        ]

    def __str__(self) -> str:
        return f"{self.player_id} hides {self.hidden_id}"
