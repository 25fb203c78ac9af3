"""What is stored: players, games, their logs. For reading; every change goes through `games.registry.registry`."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone

from games.game.people import Participant
from games.protocol import Reason, State, Visibility
from games.rules import board, ids
from games.rules.clock import TimeControl, control_of
from games.rules.openings import Opening, columns_of


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


def _choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").replace("-", " ")) for member in kind]


_SEATS = [(1, "participant 1"), (2, "participant 2")]


def written(value: StrEnum) -> RawSQL:
    """A value as part of the SQL and no parameter: a database takes a partial index only where it knows the value.

    Args:
        value: one of ours, never what somebody typed.
    """
    return RawSQL(f"'{value.value}'", ())  # noqa: S611  a member of an enumeration of ours


class GameQuerySet(models.QuerySet["Game"]):
    """Named selections of games."""

    def waiting(self) -> "GameQuerySet":
        """Games without a participant 2."""
        return self.filter(state=written(State.WAITING))

    def in_progress(self) -> "GameQuerySet":
        """Games being played."""
        return self.filter(state=written(State.IN_PROGRESS))

    def unfinished(self) -> "GameQuerySet":
        """Games that wait or are being played."""
        return self.exclude(state=written(State.FINISHED))

    def finished(self) -> "GameQuerySet":
        """Games that are over."""
        return self.filter(state=State.FINISHED)

    def public(self) -> "GameQuerySet":
        """Games that lists may show to anyone."""
        return self.filter(visibility=written(Visibility.PUBLIC))

    def of(self, player_id: int) -> "GameQuerySet":
        """Games in which this player holds a seat."""
        return self.filter(Q(participant1_id=player_id) | Q(participant2_id=player_id))

    def of_series(self, first_id: str) -> "GameQuerySet":
        """The games of a series, in any order; `Game.series_number` is their own.

        Args:
            first_id: the first game's ID.
        """
        return self.filter(Q(pk=first_id, series=None) | Q(series=first_id))

    def deserted(self, now: datetime, after: timedelta) -> "GameQuerySet":
        """Untimed games in progress whose last move, or else whose start, lies longer back than ``after``."""
        recent = Move.objects.filter(game=models.OuterRef("pk"), at__gt=now - after)
        untimed = self.in_progress().filter(initial=None, days_per_move=None)
        return untimed.filter(~models.Exists(recent), start_time__lte=now - after)

    def with_names_and_moves(self) -> "GameQuerySet":
        """With all that a game's JSON needs, in two queries however many games."""
        return self.select_related("participant1", "participant2", "invited", "rematch").prefetch_related("changes")


class Game(models.Model):
    """One game: who, how it stands, how it ended, for lists and constraints. All that happened is its log, `Change`.

    The one does not contradict the other; `games.records.verification` knows.
    """

    id = models.CharField(primary_key=True, max_length=ids.LONGEST, editable=False)
    participant1 = models.ForeignKey(Player, models.PROTECT, related_name="games_made")
    participant2 = models.ForeignKey(Player, models.PROTECT, null=True, blank=True, related_name="games_joined")
    invited = models.ForeignKey(
        Player, models.PROTECT, null=True, blank=True, editable=False, db_index=False, related_name="challenges",
        help_text="Who alone may join.",
    )  # fmt: skip
    first_move = models.PositiveSmallIntegerField(choices=_SEATS, default=1)
    state = models.CharField(max_length=11, choices=_choices(State), default=State.WAITING)
    visibility = models.CharField(max_length=7, choices=_choices(Visibility), default=Visibility.PUBLIC)
    winner = models.PositiveSmallIntegerField(null=True, blank=True, choices=_SEATS)
    reason = models.CharField(max_length=13, choices=_choices(Reason), blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="", help_text="Why a moderator ended it.")
    create_time = models.DateTimeField()
    start_time = models.DateTimeField(null=True, blank=True)
    end_time = models.DateTimeField(null=True, blank=True)
    initial = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Seconds that each side has.")
    increment = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Seconds that each move adds.")
    days_per_move = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In place of both.")
    takebacks = models.BooleanField(default=True, db_default=True, help_text="Whether moves may be taken back.")
    opening = models.CharField(
        max_length=6, choices=_choices(Opening), default=Opening.NONE, db_default=Opening.NONE.value,
        help_text="What is on the board at the start; which plies, the log says.",
    )  # fmt: skip
    rated = models.BooleanField(default=False, db_default=False, help_text="Whether its outcome changes ratings.")
    rating1 = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of participant 1, before the game.")
    rating2 = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of participant 2, before the game.")
    provisional1 = models.BooleanField(null=True, blank=True, help_text="Whether that is a guess.")
    provisional2 = models.BooleanField(null=True, blank=True, help_text="Whether that is a guess.")
    rating_change1 = models.SmallIntegerField(null=True, blank=True, help_text="What it did to participant 1's.")
    rating_change2 = models.SmallIntegerField(null=True, blank=True, help_text="What it did to participant 2's.")
    rated_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When ratings took its outcome in, or left it out.",
    )
    rematch_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="rematch")
    series = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="following", db_index=False,
        help_text="The first game of the series, of all but that game itself.",
    )  # fmt: skip
    series_number = models.PositiveSmallIntegerField(default=1, db_default=1)
    half_points1 = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Of participant 1, from the games of the series before this one."
    )
    half_points2 = models.PositiveSmallIntegerField(default=0, db_default=0)
    attended_time = models.DateTimeField(
        null=True, blank=True, help_text="When both participants were last known to be present in a quiet game."
    )

    due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="No earlier than this it ends because nobody is there."
    )

    held_by = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False,
        help_text="The process that has a timed game live, and flags it.",
    )  # fmt: skip

    objects = GameQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-create_time"]
        indexes: ClassVar = [
            models.Index(fields=["state", "-create_time"], name="game_state_created"),
            models.Index(fields=["-create_time", "id"], name="game_created"),
            models.Index(fields=["participant1", "-create_time"], name="game_participant1_created"),
            models.Index(fields=["participant2", "-create_time"], name="game_participant2_created"),
            models.Index(
                fields=["visibility", "-create_time", "id"],
                name="game_waiting_listed",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["visibility", "-start_time", "id"],
                name="game_playing_listed",
                condition=Q(state="in-progress"),
            ),
            models.Index(fields=["participant1"], name="game_unfinished_of_1", condition=~Q(state="finished")),
            models.Index(fields=["participant2"], name="game_unfinished_of_2", condition=~Q(state="finished")),
            models.Index(fields=["series", "series_number"], name="game_series", condition=Q(series__isnull=False)),
            models.Index(
                fields=["invited"], name="game_challenges", condition=Q(state="waiting", invited__isnull=False)
            ),
            models.Index(fields=["due_at"], name="game_due", condition=~Q(state="finished")),
            models.Index(fields=["end_time"], name="game_ended", condition=Q(state="finished")),
            models.Index(
                fields=["end_time"],
                name="game_not_yet_rated",
                condition=Q(state="finished", rated=True, rated_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="game_state_is_whole",
                condition=Q(state="waiting", participant2=None, start_time=None, end_time=None, reason="", winner=None)
                | Q(state="in-progress", participant2__isnull=False, start_time__isnull=False, end_time=None, reason="",
                    winner=None)
                | (Q(state="finished", end_time__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="game_participants_differ", condition=~Q(participant1=F("participant2"))
            ),
            models.CheckConstraint(
                name="game_time_control_is_whole",
                condition=Q(initial=None, increment=None)
                | Q(initial__isnull=False, increment__isnull=False, days_per_move=None),
            ),
            models.CheckConstraint(name="game_first_move_is_a_seat", condition=Q(first_move__in=[1, 2])),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.id

    def get_absolute_url(self) -> str:
        """The game's one page."""
        return reverse("game", args=[self.id])

    @property
    def time_control(self) -> TimeControl | None:
        """How much time there is; None for any."""
        return control_of(self.initial, self.increment, self.days_per_move)

    @property
    def columns(self) -> list[int]:
        """Where the discs on the board were dropped, in their order; from the log, which may be prefetched."""
        columns: list[int] = []
        for change in self.changes.all():
            if change.kind == MOVE and change.column is not None:
                columns.append(change.column)
            elif change.kind == TAKEBACK:
                del columns[-json.loads(change.body)["plies"] :]
            elif change.kind == START and change.body:
                columns += columns_of(json.loads(change.body)["opening"])
        return columns


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
    game = models.ForeignKey(Game, models.PROTECT, related_name="changes", db_index=False)
    number = models.SmallIntegerField(help_text="The place in the game's log, counted from 1.")
    kind = models.CharField(max_length=20)
    seat = models.SmallIntegerField(null=True, blank=True, choices=_SEATS, help_text="Whose doing it is.")
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


class Absence(models.Model):
    """Somebody has left a game that goes on; since when, by the store's clock. Gone when they are back."""

    game = models.ForeignKey(Game, models.CASCADE, related_name="absences", db_index=False)
    seat = models.PositiveSmallIntegerField(choices=_SEATS)
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


class TokenFamily(models.Model):
    """All tokens that come of one sign-in to the API (`games.access.families`). Forgotten when all have expired."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="token_families")
    # With the newest refresh token, once that has expired, `flushexpiredtokens` deletes its family too.
    newest = models.OneToOneField("token_blacklist.OutstandingToken", models.CASCADE, related_name="family")
    end_time = models.DateTimeField(null=True, blank=True, help_text="When it was revoked.")

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return self.id
