"""What is stored about honest play: figures of each rated game, of each person, and what moderators have done."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from games.models import Game, Player, RatingCorrection


class GameConduct(models.Model):
    """One side of a rated game that is reviewed, in figures; see `games.honesty.figures`. No row is altered."""

    game = models.ForeignKey(Game, models.CASCADE, related_name="conduct")
    player = models.ForeignKey(Player, models.PROTECT, related_name="+", db_index=False)
    end_time = models.DateTimeField(help_text="Of the game.")
    choices = models.PositiveSmallIntegerField(help_text="Own plies in positions that are not trivial.")
    best = models.PositiveSmallIntegerField(help_text="How many of them kept the score.")
    moves = models.PositiveSmallIntegerField(help_text="Own moves with a time that says something.")
    log_sum = models.FloatField(help_text="Of the natural logarithms of their times in milliseconds.")
    log_squares = models.FloatField(help_text="Of the squares of these logarithms.")
    turns = models.PositiveSmallIntegerField(help_text="Own plies.")
    left_own = models.PositiveSmallIntegerField(help_text="Own turns during which the page was left.")
    left_other = models.PositiveSmallIntegerField(help_text="The other side's turns during which it was.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["player", "-end_time"], name="conduct_player_newest")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["game", "player"], name="conduct_game_player")]

    def __str__(self) -> str:
        return f"{self.game_id}: player {self.player_id}"


class Conduct(models.Model):
    """One person's newest rated games, in figures; written after each review."""

    player = models.OneToOneField(Player, models.CASCADE, primary_key=True, related_name="conduct")
    games = models.PositiveSmallIntegerField(help_text="Reviewed rated games that are counted, the newest.")
    choices = models.PositiveIntegerField(help_text="Own plies in positions that are not trivial.")
    best = models.PositiveIntegerField(help_text="How many of them kept the score.")
    skill = models.FloatField(help_text="The logarithm of the odds of a best move.")
    spread = models.FloatField(null=True, help_text="Of the logarithms of move times; null with too few.")
    left = models.FloatField(help_text="The share of turns during which the page was left.")
    left_own = models.PositiveIntegerField(help_text="Own turns during which it was.")
    left_other = models.PositiveIntegerField(help_text="The other side's turns during which it was.")
    last_game_at = models.DateTimeField(help_text="When the newest of these games ended.")

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "honesty queue"
        indexes: ClassVar = [models.Index(fields=["-last_game_at"], name="conduct_newest")]

    def __str__(self) -> str:
        return str(self.player)


class PageLeaving(models.Model):
    """How often a side of a rated game has left its page; at most once a turn counts. The page says so itself."""

    game = models.ForeignKey(Game, models.CASCADE, related_name="page_leavings", db_index=False)
    seat = models.PositiveSmallIntegerField()
    ply = models.PositiveSmallIntegerField(help_text="The newest turn that counted.")
    own = models.PositiveSmallIntegerField(default=0, help_text="Own turns.")
    other = models.PositiveSmallIntegerField(default=0, help_text="The other side's.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["game", "seat"], name="page_leaving_game_seat")]

    def __str__(self) -> str:
        return f"{self.game_id}: participant {self.seat}"


class Action(models.Model):
    """What a moderator has done about a person. Rows stay; what is taken back says by whom and when."""

    LONGEST_TEXT = 1000
    NOTE, MARK, GIVE_BACK = "note", "mark", "give_back"
    KINDS: ClassVar = [
        (NOTE, "note"),
        (MARK, "mark"),
        (GIVE_BACK, "rating points given back to opponents"),
    ]

    player = models.ForeignKey(Player, models.PROTECT, related_name="moderations")
    kind = models.CharField(max_length=10, choices=KINDS)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["player"], name="action_one_mark", condition=Q(kind="mark", undone_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.player}"


class GivenBack(models.Model):
    """Points that one opponent got back at one speed, for one game; and the correction that took them again."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="given_back")
    game = models.ForeignKey(Game, models.PROTECT, related_name="+")
    correction = models.OneToOneField(RatingCorrection, models.PROTECT, related_name="+")
    reversal = models.OneToOneField(RatingCorrection, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            # What one game cost is given back once, unless it was taken again.
            models.UniqueConstraint(fields=["game"], name="given_back_once", condition=Q(reversal__isnull=True)),
            models.CheckConstraint(
                name="given_back_reversal_differs", condition=Q(reversal=None) | ~Q(reversal=F("correction"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.game_id}: {self.correction}"
