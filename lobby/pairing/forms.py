"""What people type to make a game, and to find one."""

from typing import Any

from django import forms

from games.protocol import Visibility
from games.rules import ids


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

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid choices as fields of `games.game.new_game.Terms`."""
        first_move = self.cleaned_data["first_move"]
        return {
            "visibility": Visibility(self.cleaned_data["visibility"]),
            "first_move": first_move if first_move == "random" else int(first_move),
        }


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
