"""Accounts: signing up, in and out, and what a person can change about an account. All of it is Django's auth."""

import contextlib
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView

from games.access.quotas import Busy
from games.models import Game
from games.protocol import ErrorCode, GameError
from lobby.accounts import emails, guests, letters, sign_ups
from lobby.accounts.forms import ChangePasswordForm, SignInForm, SignUpForm
from lobby.accounts.guests import BACKEND
from lobby.models import User


def sign_in_new(request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just signed up, and have a link sent by which the e-mail address is verified.

    Args:
        request: whose session it becomes.
        user: as stored.
    """
    login(request, user, backend=BACKEND)
    if user.email and letters.can_be_sent():
        # Too many letters wait? The account page sends it again.
        with contextlib.suppress(Busy):
            emails.ask_to_verify(user)


class SignIn(auth_views.LoginView):
    """Sign in, then go on to where one was going."""

    authentication_form = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever has signed in with an account has nothing to do here."""
        self.redirect_authenticated_user = not guests.is_guest(request)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Begin a session. It names the backend of every other, so that processes of two releases know it alike."""
        if guests.is_guest(self.request):
            guests.leave(self.request.user)
            left = f"The games of {self.request.user.get_username()} stay as they are; you no longer hold their seats."
            messages.info(self.request, left)
        login(self.request, form.get_user(), backend=BACKEND)
        return HttpResponseRedirect(self.get_success_url())


@method_decorator([sensitive_post_parameters(), csrf_protect, never_cache], name="dispatch")
class SignUp(auth_views.RedirectURLMixin, FormView):  # type: ignore[type-arg]  # Django's takes no types when it runs
    """Make an account, be signed in, and go on to where one was going."""

    form_class = SignUpForm
    template_name = "lobby/signup.html"
    next_page = "home"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever has an account, and has signed in, has nothing to do here; a guest makes one of itself."""
        if request.user.is_authenticated and not guests.is_guest(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> SignUpForm:
        """A guest's form alters the guest."""
        return SignUpForm.of(self.request)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Store the account, unless the name was taken meanwhile."""
        was_guest = form.instance.pk is not None
        sign_ups.count(self.request)
        try:
            user = form.create_user()
        except guests.NoGuest:  # another tab signed up; this browser has its session by now
            return HttpResponseRedirect(self.get_success_url())
        if user is None:
            return self.form_invalid(form)
        sign_in_new(self.request, user)
        welcome = f"Welcome, {user.username}. Your games are yours." if was_guest else f"Welcome, {user.username}."
        messages.success(self.request, welcome)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the safe address to go on to."""
        return super().get_context_data(**kwargs, **{self.redirect_field_name: self.get_redirect_url()})


class SignOut(auth_views.LogoutView):
    """Sign out. A guest can't come back, and is told so first: see `sign_out_guest`."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        if guests.is_guest(request):
            guests.leave(request.user)
        return super().post(request, *args, **kwargs)


@login_required
@never_cache
@require_safe
def sign_out_guest(request: HttpRequest) -> HttpResponse:
    """Says to a guest what signing out costs."""
    if not guests.is_guest(request):
        return redirect("account")
    return render(request, "lobby/sign_out_guest.html", {"games": Game.objects.of(request.user.pk or 0).count()})


@require_POST
@csrf_protect
def play_as_guest(request: HttpRequest) -> HttpResponse:
    """Somebody is needed, for a page's script: who is signed in, or a guest made now, as ``{"name"}``."""
    user = guests.whoever_asks(request)
    if user is None:
        refusal = GameError(ErrorCode.FORBIDDEN, "Sign up to play here.")
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=403)
    return JsonResponse({"name": user.username})


@method_decorator(guests.needs_account, name="dispatch")
class ChangePassword(auth_views.PasswordChangeView):
    """Change the password; this session stays signed in, others end."""

    form_class = ChangePasswordForm
    success_url = reverse_lazy("account")

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request, from whose address wrong passwords count."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done."""
        response = super().form_valid(form)
        messages.success(self.request, "Your password is changed. Other devices are signed out.")
        return response


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """My account: the e-mail address, and the ways to change things."""
    return render(request, "lobby/account.html", {"sends_letters": letters.can_be_sent()})
