"""The leaderboard's page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from games.ratings.leaderboard import RATED_SPEEDS, best
from games.rules.time_controls import Speed


@require_safe
@never_cache
def leaderboard(request: HttpRequest, speed: str = Speed.BLITZ.value) -> HttpResponse:
    """The places of one speed."""
    if speed not in RATED_SPEEDS:
        raise Http404
    places = list(enumerate(best(speed, timezone.now()), 1))
    context = {"places": places, "speed": speed, "speeds": [(each.value, each.value.title()) for each in RATED_SPEEDS]}
    return render(request, "lobby/leaderboard.html", context)
