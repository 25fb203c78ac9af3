"""Saying that a program plays with an account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from games.protocol import GameError
from lobby.accounts import bots
from lobby.accounts.guests import needs_account


@login_required
@needs_account
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Say what it means, and do it; it can't be taken back."""
    player_id = request.user.pk or 0
    if request.method != "POST":
        return render(request, "lobby/become_bot.html", {"may_become": bots.may_become(player_id)})
    try:
        bots.become(player_id)
    except GameError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "This account is a bot's.")
    return redirect("account")
