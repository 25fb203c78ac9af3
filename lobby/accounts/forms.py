"""What people type into pages: accounts, a new game, a game's ID."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordMixin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from games.protocol import Visibility
from games.rules import ids
from lobby.models import User

_PLAIN_NAME = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SignUpForm(SetPasswordMixin, forms.ModelForm):
    """A new account. The password is typed once, and the page lets one look at it; all of Django's validators apply."""

    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, not only digits, and not a common one.",
    )

    class Meta:
        model = User
        fields = ("username", "email")
        widgets: ClassVar = {
            "username": forms.TextInput(attrs={"autocomplete": "username", "minlength": 2, **_PLAIN_NAME}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        labels: ClassVar = {"username": "User name", "email": "E-mail (optional)"}
        help_texts: ClassVar = {"email": "Only used to reset a forgotten password."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["username", "password", "email"])

    def clean_username(self) -> str:
        """The name as typed, if nobody has it in any case."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("That name is taken.", code="unique")
        return username

    def clean(self) -> dict[str, Any] | None:
        """Refuse what Django's validators refuse, a password much like the name among it."""
        cleaned = super().clean()
        person = User(username=self.cleaned_data.get("username", ""), email=self.cleaned_data.get("email", ""))
        self.validate_password_for_user(person, "password")
        return cleaned

    def create_user(self) -> User | None:
        """Store the account.

        Returns:
            The user; None when somebody else took the name in this very moment, and the form then says so.
        """
        # Hashing takes a good while and must not hold the database's write lock.
        user = self.set_password_and_save(self.save(commit=False), "password", commit=False)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            self.add_error("username", forms.ValidationError("That name is taken.", code="unique"))
            return None
        return user


class SignInForm(AuthenticationForm):
    """Sign in; the name in any case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = {
            **self.error_messages,
            "invalid_login": "That name and password don't match. Capitals count in the password, not in the name.",
        }
        self.fields["username"].widget.attrs.update(_PLAIN_NAME)


class ChangePasswordForm(PasswordChangeForm):
    """A new password; a wrong old one counts as a failure to sign in."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        """The old password, if it is the account's."""
        password: str = self.cleaned_data["old_password"]
        if authenticate(self._request, username=self.user.get_username(), password=password) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


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
        """The valid choices as `Registry.create` takes them."""
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


RESULTS = (
    ("", "All results"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("drawn", "Drawn"),
    ("none", "No winner"),
    ("in-progress", "In progress"),
)


class HistoryFilterForm(forms.Form):
    """Which of my games to show. What can't be meant is read as no filter."""

    result = forms.ChoiceField(choices=RESULTS, required=False, label="Result")
    opponent = forms.CharField(
        max_length=20, required=False, label="Opponent",
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search", **_PLAIN_NAME}),
    )  # fmt: skip
