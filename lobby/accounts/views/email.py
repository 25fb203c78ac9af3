"""The pages about one's e-mail address: changing it, having the letter sent again, following its link."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from games.access.quotas import Busy
from lobby.accounts import emails, letters
from lobby.accounts.guests import needs_account
from lobby.models import User


class EmailForm(forms.Form):
    """Another e-mail address, or none."""

    email = forms.EmailField(
        max_length=254,
        required=False,
        label="E-mail",
        help_text="Only used to reset a forgotten password. Leave it empty to have none stored.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        strip=False,
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_password(self) -> str:
        """The password, if it is the account's; a wrong one counts as a failure to sign in."""
        password: str = self.cleaned_data["password"]
        if authenticate(self._request, username=self._request.user.get_username(), password=password) is None:
            raise forms.ValidationError("That is not your password.", code="password_incorrect")
        return password


@login_required
@needs_account
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change the address, or take it away. A new one is not verified until its letter's link was followed."""
    user = cast(User, request.user)
    form = EmailForm(request, request.POST or None, initial={"email": user.email})
    if request.method != "POST" or not form.is_valid():
        return render(request, "lobby/email_form.html", {"form": form})
    if form.cleaned_data["email"] == user.email:
        return redirect("account")
    _store(user, form.cleaned_data["email"])
    messages.success(request, "Saved.")
    _have_letter_sent(request, user)
    return redirect("account")


def _store(user: User, email: str) -> None:
    former = user.email if user.email_verified_at else ""
    if email and letters.can_be_sent():
        emails.count_letter(user)
    user.email, user.email_verified_at = email, None
    user.save(update_fields=["email", "email_verified_at"])
    if former and letters.can_be_sent():
        emails.tell_former(former, user)


@login_required
@needs_account
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Send the letter once more."""
    user = cast(User, request.user)
    if user.email and user.email_verified_at is None and letters.can_be_sent():
        emails.count_letter(user)
        _have_letter_sent(request, user)
    return redirect("account")


def _have_letter_sent(request: HttpRequest, user: User) -> None:
    if not user.email or not letters.can_be_sent():
        return
    try:
        emails.ask_to_verify(user)
    except Busy:
        messages.error(request, "The letter could not be sent just now. Have it sent again in a minute.")
    else:
        messages.info(request, f"A letter is on its way to {user.email}.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """The link of the letter. Looking verifies nothing: programs that guard a mailbox open every link in it."""
    user = PasswordResetConfirmView().get_user(uidb64)
    is_good = isinstance(user, User) and emails.verification_tokens.check_token(user, token)
    if not isinstance(user, User) or not is_good:
        return render(request, "lobby/email_verify.html", {"state": "bad"}, status=404)
    if request.method != "POST":
        return render(request, "lobby/email_verify.html", {"state": "asks", "person": user})
    if not emails.verify(user):
        return render(request, "lobby/email_verify.html", {"state": "taken", "person": user}, status=409)
    messages.success(request, f"{user.email} is verified.")
    return redirect("account" if request.user.pk == user.pk else "home")
