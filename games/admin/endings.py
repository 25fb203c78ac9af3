"""Ending chosen games by hand: a page that asks why, then the registry, so that both players' pages hear at once."""

from collections import defaultdict
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from games.game.commands import Abort, Adjudicate
from games.models import Game, GameQuerySet
from games.protocol import GameError
from games.registry.endings import Ending, end_all
from games.runtime import call

MOST: Final = 200
"""Games that one request ends."""


class AbortForm(forms.Form):
    """Why a game is ended without a winner."""

    reason = forms.CharField(
        max_length=200,
        help_text="Kept with the game, for moderators.",
        widget=forms.TextInput(attrs={"size": 60, "autofocus": True}),
    )

    def clean_reason(self) -> str:
        """One line, however it was pasted."""
        return " ".join(self.cleaned_data["reason"].split())

    def command(self) -> Abort | Adjudicate:
        """What the registry is to do."""
        return Abort(self.cleaned_data["reason"])


class AdjudicationForm(AbortForm):
    """Who wins, and why."""

    winner = forms.TypedChoiceField(
        choices=[("1", "Participant 1"), ("2", "Participant 2"), ("nobody", "Nobody")],
        coerce=lambda text: {"1": 1, "2": 2}.get(text),
        empty_value=None,
        widget=forms.RadioSelect,
    )
    field_order = ("winner", "reason")

    def command(self) -> Abort | Adjudicate:
        """What the registry is to do."""
        return Adjudicate(self.cleaned_data["winner"], self.cleaned_data["reason"])


def ask_and_end(
    page: "ModelAdmin[Game]", request: HttpRequest, games: GameQuerySet, action: str, form_class: type[AbortForm]
) -> HttpResponse | None:
    """One round of an action with a question: the page that asks, or the ending and a report.

    Args:
        page: whose action it is.
        request: the POST of the list, or of the page that asks.
        games: the chosen ones.
        action: its name, such as ``adjudicate``.
        form_class: what is asked.

    Returns:
        The page that asks; None when it is done or refused, and the list is to be shown with the messages.
    """
    chosen = list(games.select_related("participant1", "participant2")[: MOST + 1])
    if len(chosen) > MOST:
        page.message_user(request, f"At most {MOST} games at once: none was ended.", messages.ERROR)
        return None
    form = form_class(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        _end_and_report(page, request, chosen, form.command())
        return None
    context = {
        **page.admin_site.each_context(request), "title": _TITLES[action], "opts": page.model._meta, "form": form,
        "action": action, "games": chosen, "checkbox_name": ACTION_CHECKBOX_NAME, "media": page.media,
    }  # fmt: skip
    return TemplateResponse(request, "admin/games/game/end.html", context)


_TITLES = {"adjudicate": "End by adjudication", "abort": "Abort"}


def _end_and_report(
    page: "ModelAdmin[Game]", request: HttpRequest, games: list[Game], command: Abort | Adjudicate
) -> None:
    endings: list[Ending] = [(game.pk, command) for game in games]
    results = list(zip(games, call(lambda here: end_all(here.registry, endings)), strict=True))
    ended = [game for game, refusal in results if refusal is None]
    if ended:
        for game in ended:
            page.log_change(request, game, _in_words(command))
        page.message_user(request, f"Ended: {_listed(ended)}.", messages.SUCCESS)
    for message, refused in _by_reason(results).items():
        page.message_user(request, f"Not ended: {_listed(refused)}. {message}", messages.WARNING)


def _in_words(command: Abort | Adjudicate) -> str:
    return f"{'Adjudicated' if isinstance(command, Adjudicate) else 'Aborted'}: {command.note}"


def _by_reason(results: list[tuple[Game, GameError | None]]) -> dict[str, list[Game]]:
    """The refused games by why, in order."""
    refused: dict[str, list[Game]] = defaultdict(list)
    for game, refusal in results:
        if refusal is not None:
            refused[refusal.message].append(game)
    return refused


def _listed(games: list[Game]) -> str:
    return ", ".join(game.pk for game in games)
