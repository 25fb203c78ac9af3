"""A game against the computer: the form and its page."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from games import runtime
from games.access.quotas import OverLimit
from games.computer.play.levels import LEVELS, Level
from games.game.live import LiveGame
from games.game.new_game import Terms
from games.protocol import ErrorCode, GameError, Visibility
from games.rules.openings import Opening
from lobby.accounts import guests
from lobby.pairing.forms import NewGameForm
from lobby.pairing.time_choices import CLOCK_CHOICES, OFFERED, OWN, UNTIMED

FIRST_LEVEL = "3"
"""What is chosen where nobody has chosen yet."""


class ComputerForm(NewGameForm):
    """How strong the computer is to be, and how the game."""

    visibility = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent
    takebacks = None  # type: ignore[assignment]
    rated = None  # type: ignore[assignment]
    level = forms.ChoiceField(
        choices=[(str(level.number), level.name) for level in LEVELS],
        initial=FIRST_LEVEL,
        widget=forms.RadioSelect,
        label="How strong",
    )
    first_move = forms.ChoiceField(
        choices=[("1", "Me"), ("2", "The computer"), ("random", "Random")],
        initial="1",
        widget=forms.RadioSelect,
        label="Who moves first",
    )
    time = forms.ChoiceField(
        choices=[(choice.value, choice.label) for choice in CLOCK_CHOICES],
        initial=UNTIMED,
        required=False,
        widget=forms.RadioSelect,
        label="Time for each side",
    )

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid choices as fields of `games.game.new_game.Terms`: nobody but who has the link sees the game."""
        first_move, time = self.cleaned_data["first_move"], self.cleaned_data["time"] or UNTIMED
        return {
            "visibility": Visibility.PRIVATE,
            "first_move": first_move if first_move == "random" else int(first_move),
            "time_control": self.cleaned_data["own"] if time == OWN else OFFERED[time],
            "opening": Opening(self.cleaned_data["opening"] or Opening.NONE),
        }

    @property
    def choices_in_bars(self) -> list[forms.BoundField]:
        """What is chosen beside level and time."""
        return [self["first_move"], self["opening"]]

    @property
    def levels(self) -> list[tuple[Any, Level]]:
        """The radio buttons of the levels."""
        return [*zip(self["level"], LEVELS, strict=True)]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def play_computer(request: HttpRequest) -> HttpResponse:
    """POST makes a game and leads to it. GET shows the choices, which may stand in the address."""
    if request.method != "POST":
        initial = {name: value for name, value in request.GET.items() if name in ComputerForm.base_fields}
        return _page(request, ComputerForm(initial=initial or None))
    form = ComputerForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 400)
    user = guests.whoever_asks(request)
    if user is None:
        back = f"{reverse('play_computer')}?{urlencode(form.sent)}"
        return redirect(f"{reverse('signup')}?{urlencode({'next': back})}")
    participant, terms, level = user.participant, Terms(**form.chosen), int(form.cleaned_data["level"])
    try:
        game: LiveGame = runtime.call(lambda here: here.thinking.start_game(participant, terms, level))
    except OverLimit:
        raise
    except GameError as error:
        form.add_error(None, error.message)
        is_away = error.code in (ErrorCode.COMPUTER_UNAVAILABLE, ErrorCode.TRY_AGAIN)
        return _page(request, form, 503 if is_away else 409)
    return redirect("game", game.id)


def _page(request: HttpRequest, form: ComputerForm, status: int = 200) -> HttpResponse:
    return render(request, "lobby/computer.html", {"form": form}, status=status)
