"""What people type to make a game, and to find one."""

from typing import Any

from django import forms

from games.protocol import Visibility
from games.rules import ids
from games.rules.openings import Opening
from games.rules.time_controls import Countdown
from lobby.pairing.time_choices import CLOCK_CHOICES, DAY_CHOICES, OFFERED, OWN, UNTIMED, Choice

_OWN_TIME = ("own_minutes", "own_seconds", "own_increment")
OWN_TIME_RANGE = "From 15 seconds to 60 minutes, and up to 60 seconds for each move."


def _number(label: str, most: int, initial: int) -> forms.IntegerField:
    """A field for a whole number from 0; one that can't be read counts only where it is used."""
    widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})
    return forms.IntegerField(
        min_value=0, max_value=most, initial=initial, required=False, label=label, widget=widget,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), OWN_TIME_RANGE),
    )  # fmt: skip


class NewGameForm(forms.Form):
    """How a new game is to be."""

    visibility = forms.ChoiceField(
        choices=[(Visibility.PUBLIC.value, "Anyone"), (Visibility.PRIVATE.value, "With the link")],
        initial=Visibility.PUBLIC.value,
        widget=forms.RadioSelect,
        label="Who can join",
    )
    first_move = forms.ChoiceField(
        choices=[("1", "Me"), ("2", "The other"), ("random", "Random")],
        initial="1",
        widget=forms.RadioSelect,
        label="Who moves first",
    )
    takebacks = forms.ChoiceField(
        choices=[("yes", "Allowed"), ("no", "Off")],
        initial="yes",
        required=False,
        widget=forms.RadioSelect,
        label="Takebacks",
    )
    opening = forms.ChoiceField(
        choices=[(Opening.NONE.value, "Empty"), (Opening.BALLOT.value, "Four discs, drawn")],
        initial=Opening.NONE.value,
        required=False,
        widget=forms.RadioSelect,
        label="Board at the start",
    )
    rated = forms.ChoiceField(
        choices=[("no", "Casual"), ("yes", "Rated")],
        initial="no",
        required=False,
        widget=forms.RadioSelect,
        label="Rating",
    )
    time = forms.ChoiceField(
        choices=[(choice.value, choice.label) for choice in (*CLOCK_CHOICES, *DAY_CHOICES)],
        initial=UNTIMED,
        required=False,
        widget=forms.RadioSelect,
        label="Time for each side",
    )
    own_minutes = _number("Minutes", 60, 10)
    own_seconds = _number("Seconds", 3600, 0)
    own_increment = _number("Added a move (s)", 60, 5)

    def clean(self) -> None:
        """Put a time of one's own together; what stands in its fields counts for nothing else.

        Rated games need a time.
        """
        if self.cleaned_data.get("rated") == "yes" and self.cleaned_data.get("time", OWN) in ("", UNTIMED):
            self.add_error("rated", "Rated games have a clock: choose a time.")
        if self.cleaned_data.get("time") != OWN:
            for name in _OWN_TIME:
                self.errors.pop(name, None)
        elif not self.errors.keys() & {*_OWN_TIME}:
            minutes, seconds, increment = (self.cleaned_data[name] or 0 for name in _OWN_TIME)
            try:
                self.cleaned_data["own"] = Countdown(60 * minutes + seconds, increment)
            except ValueError:
                self.add_error("own_minutes", OWN_TIME_RANGE)

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid choices as fields of `games.game.new_game.Terms`."""
        first_move, time = self.cleaned_data["first_move"], self.cleaned_data["time"] or UNTIMED
        is_rated = self.cleaned_data["rated"] == "yes"
        return {
            "visibility": Visibility(self.cleaned_data["visibility"]),
            "first_move": first_move if first_move == "random" else int(first_move),
            "takebacks": self.cleaned_data["takebacks"] != "no",
            "rated": is_rated,
            "opening": Opening.BALLOT if is_rated else Opening(self.cleaned_data["opening"] or Opening.NONE),
            "time_control": self.cleaned_data["own"] if time == OWN else OFFERED[time],
        }

    @property
    def sent(self) -> dict[str, str]:
        """The fields as they came, to fill the form in again."""
        return {name: value for name in self.fields if (value := self.data.get(name))}

    @property
    def choices_in_bars(self) -> list[forms.BoundField]:
        """What is chosen beside the time."""
        return [self[name] for name in ("rated", "first_move", "opening", "takebacks", "visibility")]

    @property
    def own_time(self) -> list[forms.BoundField]:
        """The fields for a time of one's own."""
        return [self[name] for name in _OWN_TIME]

    @property
    def clocks(self) -> list[tuple[Any, Choice]]:
        """The radio buttons for clocks, and for a time of one's own."""
        return [*zip(self["time"], CLOCK_CHOICES, strict=False)]

    @property
    def days(self) -> list[tuple[Any, Choice]]:
        """The radio buttons for days a move."""
        return [*zip([*self["time"]][len(CLOCK_CHOICES) :], DAY_CHOICES, strict=True)]


class GameIdForm(forms.Form):
    """A game's ID, typed by hand in any of its forms."""

    id = forms.CharField(
        max_length=64,
        label="Game ID",
        error_messages={"required": "Type a game's ID: six letters and digits or a few more."},
        widget=forms.TextInput(
            attrs={"class": "input input-code", "autocomplete": "off", "placeholder": "A9F3QX", "maxlength": 64,
                   "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )  # fmt: skip

    def clean_id(self) -> str:
        """The canonical ID."""
        game_id = ids.normalise(self.cleaned_data["id"])
        if game_id is None:
            raise forms.ValidationError(
                "That is not a game ID. One has six to eight letters and digits, such as A9F3QX.", code="not_an_id"
            )
        return game_id
