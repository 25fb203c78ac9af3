"""What people type into the pages of accounts."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordMixin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from games.game.names import is_reserved
from lobby.accounts import guests
from lobby.models import RESERVED, User

PLAIN_NAME = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
"""Of a field for a user name: no help with spelling."""


class SignUpForm(SetPasswordMixin, forms.ModelForm):  # type: ignore[type-arg]  # Django's take no types when they run
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
            "username": forms.TextInput(attrs={"autocomplete": "username", "minlength": 2, **PLAIN_NAME}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        labels: ClassVar = {"username": "User name", "email": "E-mail (optional)"}
        help_texts: ClassVar = {"email": "Only used to reset a forgotten password."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["username", "password", "email"])

    @classmethod
    def of(cls, request: HttpRequest) -> "SignUpForm":
        """The form as sent, or an empty one: of a guest, who keeps row and games, or of a new account."""
        guest = request.user if isinstance(request.user, User) and request.user.is_guest else None
        # A copy: what is typed must not become the name of whom the page is for.
        return cls(request.POST or None, instance=guest and User.objects.get(pk=guest.pk))

    def clean_username(self) -> str:
        """The name as typed, if nobody has it in any case."""
        username: str = self.cleaned_data["username"]
        if is_reserved(username):
            raise forms.ValidationError(RESERVED, code="reserved")
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

        Raises:
            guests.NoGuest: the form was a guest's, who is none any more.
        """
        # Hashing takes a good while and must not hold the database's write lock.
        user: User = self.set_password_and_save(self.save(commit=False), "password", commit=False)
        try:
            with transaction.atomic():
                if user.pk is not None:
                    guests.become_account(user)
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
        self.fields["username"].widget.attrs.update(PLAIN_NAME)


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
