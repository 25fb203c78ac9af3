"""``/@/name/``: the page of a player, and what can be done about one: block, unblock, report."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from games.chat import choices
from games.models import Player
from lobby.accounts import guests
from lobby.models import User
from lobby.profile import blocking, chat_choices, players
from lobby.profile.reports import ReportForm


@require_safe
@never_cache
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """A player as others see it; a name in any other case is redirected to the player's own.

    Args:
        name: as it stands in the address.

    Returns:
        The page; 404 where nobody has that name, or who had it is gone.
    """
    user = request.user
    found = players.profile_of(name, user.pk, timezone.now())
    if found is None:
        return _nobody(request, name)
    player = found.player
    if player.name != name:
        return redirect("profile", player.name)
    context = {
        "profile": found,
        "ratings": found.ratings,
        "player": player,
        "is_other": user.is_authenticated and user.pk != player.pk and player.computer is None,
        "is_blocked": found.is_blocked,
        "is_hidden": found.is_hidden,
        "may_report": user.is_authenticated and not guests.is_guest(request),
    }
    return render(request, "lobby/profile.html", context)


def _about_another(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a signed-in person does about another person: finds who is meant."""

    @wraps(view)
    def found(request: HttpRequest, name: str) -> HttpResponse:
        player = players.find(name)
        if player is None:
            return _nobody(request, name)
        if player.pk == request.user.pk or player.computer is not None:
            return redirect("profile", player.name)
        return view(request, player)

    return found


@require_POST
@login_required
@_about_another
def block(request: HttpRequest, player: Player) -> HttpResponse:
    """From now on the two are never paired, nor do their challenges arrive."""
    blocking.block(request.user.pk or 0, player)
    chat_choices.tell(request.user.pk or 0)
    messages.success(request, f"{player.name} is blocked: you will not be paired, nor challenged, nor read their chat.")
    return redirect("profile", player.name)


@require_POST
@login_required
@_about_another
def unblock(request: HttpRequest, player: Player) -> HttpResponse:
    """Take the block back."""
    blocking.unblock(request.user.pk or 0, player)
    chat_choices.tell(request.user.pk or 0)
    messages.success(request, f"{player.name} is no longer blocked.")
    return redirect("blocked" if request.POST.get("back") == "list" else "profile", *_of(request, player))


hide = require_POST(login_required(_about_another(chat_choices.hide)))
unhide = require_POST(login_required(_about_another(chat_choices.unhide)))


def _of(request: HttpRequest, player: Player) -> list[Any]:
    return [] if request.POST.get("back") == "list" else [player.name]


@require_safe
@login_required
@never_cache
def blocked(request: HttpRequest) -> HttpResponse:
    """Whom I have blocked, and whose lines I hide."""
    player_id = request.user.pk or 0
    context = {"blocks": blocking.blocked_by(player_id), "hidden": choices.hidden_by(player_id)}
    return render(request, "lobby/blocked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@guests.needs_account
@never_cache
@_about_another
def report(request: HttpRequest, player: Player) -> HttpResponse:
    """Report somebody to the moderators."""
    form = ReportForm(
        request.POST or None, reporter=cast(User, request.user), reported=player,
        initial={"game": request.GET.get("game", "")[:64]},
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, "lobby/report.html", {"form": form, "player": player})
    form.send()
    messages.success(request, "Thank you. A moderator will look at it.")
    return redirect(reverse("profile", args=[player.name]))


def _nobody(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "lobby/no_such_player.html", {"name": name}, status=404)
