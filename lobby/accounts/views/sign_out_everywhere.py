"""Signing out everywhere: one button that ends all sessions and tokens of an account."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from games.access import families
from lobby.accounts.guests import needs_account
from lobby.models import User


def end_all(user: User) -> None:
    """End all of a person's sessions and tokens, and with them their open connections, within 5 s, in every process.

    Args:
        user: whose; the object itself is not changed.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(sign_outs=F("sign_outs") + 1)
        families.end_all(user.pk)


@login_required
@needs_account
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Say what it does, and do it. This session ends too: whoever stole its cookie is out as well."""
    if request.method != "POST":
        return render(request, "lobby/sign_out_everywhere.html")
    end_all(cast(User, request.user))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("login")
