"""Games: a row for each, for lists and constraints."""

import json
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from games.models.choices import SEATS, choices_of, written
from games.models.log import MOVE, START, TAKEBACK, Move
from games.models.players import Player
from games.protocol import Reason, State, Visibility
from games.rules import ids
from games.rules.openings import Opening, columns_of
from games.rules.time_controls import TimeControl, control_of


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
    first_move = models.PositiveSmallIntegerField(choices=SEATS, default=1)
    state = models.CharField(max_length=11, choices=choices_of(State), default=State.WAITING)
    visibility = models.CharField(max_length=7, choices=choices_of(Visibility), default=Visibility.PUBLIC)
    winner = models.PositiveSmallIntegerField(null=True, blank=True, choices=SEATS)
    reason = models.CharField(max_length=13, choices=choices_of(Reason), blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="", help_text="Why a moderator ended it.")
    create_time = models.DateTimeField()
    start_time = models.DateTimeField(null=True, blank=True)
    end_time = models.DateTimeField(null=True, blank=True)
    initial = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Seconds that each side has.")
    increment = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Seconds that each move adds.")
    days_per_move = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In place of both.")
    takebacks = models.BooleanField(default=True, db_default=True, help_text="Whether moves may be taken back.")
    opening = models.CharField(
        max_length=6, choices=choices_of(Opening), default=Opening.NONE, db_default=Opening.NONE.value,
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
