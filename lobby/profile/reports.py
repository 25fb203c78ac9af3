"""Reports of people, with a reason and a game, for moderators to look at."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from games.access.quotas import Quota, quotas
from games.models import Game, Player
from games.protocol import Visibility
from games.rules import ids
from lobby.models import Report, User
from lobby.pairing.forms import GameIdForm

BETWEEN = 10
"""Games between the two that may be chosen."""


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's take no types when they run
    """Why somebody is reported, and in which game it showed.

    Args:
        reporter: who reports.
        reported: whom.
    """

    game = forms.CharField(
        required=False, max_length=64, label="Game ID (optional)",
        help_text="In which game it showed. Games of the two of you are suggested.",
        widget=forms.TextInput(attrs={**GameIdForm.base_fields["id"].widget.attrs, "list": "games-between"}),
    )  # fmt: skip

    class Meta:
        model = Report
        fields = ("reason", "text")
        widgets: ClassVar = {
            "reason": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 4, "maxlength": Report.LONGEST_TEXT}),
        }
        labels: ClassVar = {"reason": "What is wrong", "text": "What happened"}
        help_texts: ClassVar = {"text": f"Up to {Report.LONGEST_TEXT} characters. Moderators alone read it."}

    def __init__(self, *args: Any, reporter: User, reported: Player, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reporter = reporter
        self._reported = reported
        self.fields["reason"].choices = Report.REASONS  # type: ignore[attr-defined]  # without the empty choice
        self.between = games_between(reporter.pk, reported.pk)
        self.order_fields(["reason", "game", "text"])

    def clean_game(self) -> Game | None:
        """The game, if the reported person holds a seat in it and the reporter may know of it."""
        typed: str = self.cleaned_data["game"]
        if not typed:
            return None
        game = Game.objects.filter(pk=ids.normalise(typed) or "").first()
        if game is None or not self._may_be_named(game):
            # The same answer to all: who guesses IDs of private games must not learn which there are.
            raise forms.ValidationError(f"That is no game of {self._reported.name} that you can see.", code="no_game")
        return game

    def _may_be_named(self, game: Game) -> bool:
        seats = {game.participant1_id, game.participant2_id}
        return self._reported.pk in seats and (game.visibility == Visibility.PUBLIC or self._reporter.pk in seats)

    def clean(self) -> dict[str, Any] | None:
        """Refuse what this person has reported already, and what says nothing."""
        cleaned = super().clean()
        if self.cleaned_data.get("reason") == Report.OTHER and not self.cleaned_data.get("text", "").strip():
            self.add_error("text", forms.ValidationError("Say what happened.", code="required"))
        same = Report.objects.filter(reporter=self._reporter.pk, reported=self._reported, closed_at=None)
        if not self.errors and same.filter(game=self.cleaned_data.get("game")).exists():
            raise forms.ValidationError("You have reported this already. A moderator will look at it.", code="twice")
        return cleaned

    def send(self) -> Report:
        """Store the report.

        Raises:
            OverLimit: there were too many within the hour.
        """
        quota = Quota("reports", settings.REPORTS_PER_USER_PER_HOUR, 3600.0)
        quotas.count(quota, f"user {self._reporter.pk}", "You have reported many people within the hour.")
        report: Report = self.save(commit=False)
        report.reporter_id, report.reported, report.at = self._reporter.pk, self._reported, timezone.now()
        report.game = self.cleaned_data["game"]
        report.save()
        return report


def reported_series(series_ids: Collection[str]) -> set[str]:
    """Those of some series of which a game was reported; what `games.chat.sources` asks, to keep their lines.

    Args:
        series_ids: their first games' IDs.
    """
    named = Report.objects.order_by()
    return {
        *filter(None, named.filter(game__in=series_ids).values_list("game", flat=True)),
        *filter(None, named.filter(game__series__in=series_ids).values_list("game__series", flat=True)),
    }


def games_between(player_id: int, other_id: int) -> list[Game]:
    """The newest games of two people, for the one of them to choose from."""
    seats = ((player_id, other_id), (other_id, player_id))
    found = [
        game
        for first, second in seats
        for game in Game.objects.filter(participant1=first, participant2=second).order_by("-create_time")[:BETWEEN]
    ]
    return sorted(found, key=lambda game: game.create_time, reverse=True)[:BETWEEN]


def close(report_id: int, verdict: str, by: Any, now: datetime) -> bool:
    """A moderator has looked at a report.

    Args:
        report_id: its key.
        verdict: `Report.ACTED` or `Report.DISMISSED`.
        by: the moderator.
        now: when.

    Returns:
        Whether it was open until now.
    """
    with transaction.atomic():
        waiting = Report.objects.filter(pk=report_id, closed_at=None)
        return waiting.update(verdict=verdict, closed_by=by.pk, closed_at=now) == 1
