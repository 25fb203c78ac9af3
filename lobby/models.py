"""Accounts: Django's user with a name that is unique, and found, regardless of case."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from games.game.names import is_reserved
from games.game.people import Participant
from games.models import Player

RESERVED = "That name is reserved."


class UserManager(DjangoUserManager["User"]):
    """Finds a user by name in any case, as sign-in does."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of that name; `User.DoesNotExist` where there is none."""
        # Lower, and not iexact: PostgreSQL then finds it through the index of the constraint below.
        return self.get(Exact(Lower("username"), (username or "").lower()))


class SignInCount(models.Model):
    """Failures to sign in that still count, of a name from an address or of an address.

    See `lobby.accounts.sign_in_lock`.
    """

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.FloatField()
    counted_at = models.FloatField("counted at, in seconds since 1970", db_index=True)

    def __str__(self) -> str:
        return f"{self.failures:g} failures"


class User(AbstractUser):
    """A person. The name is shown as typed and unique regardless of case."""

    username = models.CharField(
        "user name",
        max_length=20,
        unique=True,
        help_text="2 to 20 characters: letters A to Z, digits, _ and -.",
        # \Z and not $, which would let a final line break through.
        validators=[RegexValidator(r"\A[A-Za-z0-9_-]{2,20}\Z", "Use 2 to 20 of the letters A to Z, digits, _ and -.")],
        error_messages={"unique": "That name is taken."},
    )

    email_verified_at = models.DateTimeField(
        "e-mail verified", null=True, blank=True, editable=False, help_text="When somebody proved to read its letters."
    )
    sign_outs = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often signed out everywhere; sessions from before are over."
    )

    objects: ClassVar[UserManager] = UserManager()

    def get_session_auth_hash(self) -> str:
        """What a session must have begun with to be good: Django's, and how often one had signed out everywhere."""
        return self._with_sign_outs(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same, by former keys of the site."""
        yield from map(self._with_sign_outs, super().get_session_auth_fallback_hash())

    def _with_sign_outs(self, session_hash: str) -> str:
        return f"{session_hash}.{self.sign_outs}" if self.sign_outs else session_hash

    def clean(self) -> None:
        """Refuse another name that is reserved; whoever has one already keeps it.

        Raises:
            django.core.exceptions.ValidationError: of the field ``username``.
        """
        super().clean()
        if is_reserved(self.username or "") and not User.objects.filter(pk=self.pk, username=self.username).exists():
            raise ValidationError({"username": ValidationError(RESERVED, code="reserved")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the account; no address is never a verified one."""
        if not self.email:
            self.email_verified_at = None
        super().save(*args, **kwargs)

    @property
    def _player(self) -> Player:
        try:
            player: Player = self.player
        except Player.DoesNotExist:
            player = Player.objects.of(self)
        return player

    @property
    def is_guest(self) -> bool:
        """Whether this is somebody without an account."""
        return self._player.guest

    @property
    def participant(self) -> Participant:
        """The person as whoever holds a seat in a game."""
        return self._player.participant

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("username"), name="user_username_any_case", violation_error_message="That name is taken."
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_verified_email_any_case",
                condition=models.Q(email_verified_at__isnull=False) & ~models.Q(email=""),
                violation_error_message="Another account has verified that address.",
            ),
        ]
        indexes: ClassVar = [models.Index(Lower("email"), name="user_email_any_case")]


class Seek(models.Model):
    """Somebody's wish to play now: one a person. See `lobby.pairing.seeks`."""

    player = models.OneToOneField("games.Player", models.CASCADE, primary_key=True, related_name="seek")
    initial = models.PositiveSmallIntegerField(help_text="Seconds that each side has.")
    increment = models.PositiveSmallIntegerField(help_text="Seconds that each move adds.")
    rated = models.BooleanField()
    rating = models.PositiveSmallIntegerField(null=True, help_text="The person's own at this speed.")
    provisional = models.BooleanField(null=True, help_text="Whether that is a guess.")
    lowest = models.PositiveSmallIntegerField(null=True, help_text="The lowest rating to play against.")
    highest = models.PositiveSmallIntegerField(null=True, help_text="The highest.")
    since = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="When it is over, unless the person is still connected then.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["initial", "increment", "rated", "since"], name="seek_alike")]

    def __str__(self) -> str:
        return f"{self.initial}+{self.increment}"


class Pairing(models.Model):
    """The game that a person was paired into last, and how often they have moved first lately."""

    player = models.OneToOneField("games.Player", models.CASCADE, primary_key=True, related_name="pairing")
    game = models.ForeignKey("games.Game", models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    opened = models.BooleanField(default=False, help_text="Whether the person has been in the game since.")
    first_moves = models.CharField(
        max_length=10, blank=True, default="", help_text="The last games, 1 for each with the first move, else 0."
    )
    waited_since = models.DateTimeField(
        null=True, blank=True, help_text="Until their games against the computer of meanwhile have been ended."
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], name="pairing_meanwhile", condition=models.Q(waited_since__isnull=False))
        ]

    def __str__(self) -> str:
        return self.game_id


class Guest(models.Model):
    """What is kept of a guest beside the player: for the limits, and for deleting it. It goes when the guest does."""

    player = models.OneToOneField(Player, models.CASCADE, primary_key=True, related_name="+")
    address = models.CharField(max_length=64)
    """A keyed digest of where it came from."""
    browser = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  unique, and programs have none
    """A keyed digest of what all tabs of its browser share; null for a program."""
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """When it last began or joined something."""
    due_at = models.DateTimeField(db_index=True)
    """No earlier than this it is deleted, or loses its name."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "-seen_at"], name="guest_address_seen")]

    def __str__(self) -> str:
        return f"guest {self.pk}"


class Block(models.Model):
    """Somebody wants to have nothing to do with another."""

    blocker = models.ForeignKey(Player, models.CASCADE, related_name="blocks", db_index=False)
    blocked = models.ForeignKey(Player, models.CASCADE, related_name="blocked_by")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="block_another"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class Report(models.Model):
    """Somebody says that another does wrong. It waits for a moderator until it is closed."""

    LONGEST_TEXT = 500
    OTHER = "other"
    REASONS: ClassVar = [
        ("cheating", "Uses a computer"),
        ("rude", "Insults, or an insulting name"),
        ("stalling", "Lets time run, or leaves games"),
        (OTHER, "Something else"),
    ]
    ACTED, DISMISSED = "acted", "dismissed"
    VERDICTS: ClassVar = [(ACTED, "acted upon"), (DISMISSED, "dismissed")]

    # Rows of people who were reported, or have reported, stay: who is gone is nameless, and the report is still there.
    reporter = models.ForeignKey(Player, models.PROTECT, related_name="reports_made")
    reported = models.ForeignKey(Player, models.PROTECT, related_name="reports")
    game = models.ForeignKey("games.Game", models.PROTECT, null=True, blank=True, related_name="reports")
    reason = models.CharField(max_length=10, choices=REASONS)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True, default="")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=VERDICTS, blank=True, default="")
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["-at"], name="report_open", condition=models.Q(closed_at=None))]

    def __str__(self) -> str:
        return f"report {self.pk}"
