"""``/@/name/``: the page of a player."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lobby.profile import players


@require_safe
@never_cache
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """A player as others see it; a name in any other case is redirected to the player's own.

    Args:
        name: as it stands in the address.

    Returns:
        The page; 404 where nobody has that name, or who had it is gone.
    """
    player = players.find(name)
    if player is None:
        return render(request, "lobby/no_such_player.html", {"name": name}, status=404)
    if player.name != name:
        return redirect(reverse("profile", args=[player.name]))
    found = players.profile_of(player, timezone.now())
    return render(request, "lobby/profile.html", {"profile": found, "player": player})
