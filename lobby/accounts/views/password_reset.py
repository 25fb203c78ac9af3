"""A forgotten password: asking for a link, and choosing a new one with it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.generic import FormView

from games.access import addresses
from games.access.quotas import Quota, quotas
from lobby.accounts import emails, letters
from lobby.models import User


class ResetForm(forms.Form):
    """Which account: by its e-mail address."""

    email = forms.EmailField(max_length=254, label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class AskForReset(FormView):  # type: ignore[type-arg]  # Django's takes no types when it runs
    """Ask for a link. The answer, and the time that it takes, are the same whether an account has the address."""

    form_class = ResetForm
    template_name = "registration/password_reset_form.html"
    success_url = reverse_lazy("password_reset_done")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Where no letter can be sent, say so instead, status 403."""
        if not letters.can_be_sent():
            return render(request, "registration/password_reset_unavailable.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: ResetForm) -> HttpResponse:
        """Have the link sent, if there is anybody to send it to."""
        quota = Quota("resets", settings.RESETS_PER_ADDRESS_PER_HOUR, 3600.0)
        explanation = "Many passwords were asked for from your address within the hour."
        quotas.count(quota, f"address {addresses.of_request(self.request)}", explanation)
        emails.send_reset(form.cleaned_data["email"])
        return redirect(self.get_success_url())


class FinishReset(auth_views.PasswordResetConfirmView):
    """Choose a new password with the link from the letter, and be signed in. This verifies the address."""

    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("home")

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; None where their address has become somebody else's since."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and emails.holder(user.email) == user else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Verify the address, then set the password."""
        if not isinstance(self.user, User) or not emails.verify(self.user):
            return self.render_to_response({"validlink": False})
        response = super().form_valid(form)
        messages.success(self.request, "Your new password is set, and you are signed in.")
        return response
