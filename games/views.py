"""The game page, one address for a game's whole life, and its export."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from games.access import addresses, guessing
from games.access.quotas import OverLimit
from games.computer.models import Review
from games.game.live import LiveGame
from games.models import Player
from games.protocol import GameError, State, timestamp
from games.records.export import export_file
from games.records.record import times_of
from games.records.series_games import games_of
from games.records.words import pace_in_words, time_control_in_words
from games.registry import viewing
from games.runtime import call
from games.storage import loading

PLACEHOLDER_ID = "000000"
"""Stands for a game ID in addresses that the page's script completes; never given out, see `games.rules.ids`."""

JUST_ENDED = timedelta(minutes=10)
"""So long after its end a game may still be on the way to the queue of reviews."""

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


# The browser's back button must load the page anew: from its cache the script would follow an old rematch again.
@never_cache
@require_safe
def game(request: HttpRequest, game_id: str) -> HttpResponse:
    """The game's page: waiting, playing, watching or replaying, as the game stands and whoever asks.

    Args:
        game_id: canonical, by the URL converter; any other spelling of it in the address is redirected.

    Returns:
        The page; 404, with a field to type the ID again, where there is no such game.
    """
    if request.path != reverse("game", args=[game_id]):
        return redirect("game", game_id)
    live = _find(request, game_id)
    if live is None:
        return render(request, "games/no_such_game.html", {"game_id": game_id}, status=404)
    seat = live.seat_of(request.user.pk)
    context = {
        "game": live.as_json_object(),
        "you": seat,
        "pace": pace_in_words(live.time_control),
        "time_control": time_control_in_words(live.time_control),
        "page": _page_data(live, seat),
        "page_address": request.build_absolute_uri(),
        "series": games_of(live.series),
    }
    if live.state is State.WAITING and seat == 1:
        context.update(_invite(request, live))
    return render(request, "games/game.html", context)


@require_safe
def export(request: HttpRequest, game_id: str) -> HttpResponse:
    """The game as a file, `format=json` (the game's JSON, with the times of its moves) or `text`.

    Args:
        game_id: as for `game`.

    Raises:
        Http404: there is no such game, or no such format.
    """
    if request.path != reverse("game_export", args=[game_id]):
        return redirect(f"{reverse('game_export', args=[game_id])}?{request.GET.urlencode()}")
    file_format = request.GET.get("format", "json")
    if file_format not in ("json", "text"):
        raise Http404("no such format")
    live = _find(request, game_id)
    if live is None:
        raise Http404("no such game")
    return export_file(live, file_format)


def view_for(request: HttpRequest, game_id: str) -> LiveGame:
    """A game as the store has it now, for whoever asks for a page about it.

    Args:
        request: of whoever asks.
        game_id: canonical.

    Raises:
        GameError: as `games.access.guessing.admit`, or ``try_again``.
    """
    player_id, address = request.user.pk, addresses.of_request(request)
    return call(lambda here: viewing.view(here.registry, game_id, player_id, address))


def _find(request: HttpRequest, game_id: str) -> LiveGame | None:
    """The stored game, or None; `OverLimit` for whoever asked for too many that aren't."""
    try:
        return guessing.admit(loading.load(game_id), request.user.pk, addresses.of_request(request))
    except OverLimit:
        raise
    except GameError:
        return None


def _page_data(live: LiveGame, seat: int | None) -> dict[str, Any]:
    """What the page's script starts from, before its connection has a snapshot."""
    return {
        "game": msgspec.to_builtins(live.as_json_object()),
        "you": seat,
        "rematch": msgspec.to_builtins(live.rematch),
        **times_of(live),
        "seenAt": _last_seen(live),
        "serverTime": timestamp(timezone.now()),
        "gameAddress": reverse("game", args=[PLACEHOLDER_ID]),
        "exportAddress": reverse("game_export", args=[live.id]),
        "reviewAddress": reverse("api:review", args=[live.id]),
        "positionAddress": reverse("api:review_position", args=[live.id]),
        "isReviewed": _is_reviewed(live),
    }


def _is_reviewed(live: LiveGame) -> bool:
    """Whether a game has a review, or gets one by itself soon, as all that have just ended."""
    if live.end_time is None:
        return False
    return timezone.now() - live.end_time < JUST_ENDED or Review.objects.filter(pk=live.id).exists()


def _last_seen(live: LiveGame) -> list[str | None]:
    """When either participant was last known to be connected; None for never, or nobody."""
    holders = [live.participant1, live.participant2]
    seen = dict(Player.objects.filter(pk__in=[one.player_id for one in holders if one]).values_list("pk", "seen_at"))
    times = [seen.get(one.player_id) if one else None for one in holders]
    return [timestamp(time) if time else None for time in times]


def _invite(request: HttpRequest, live: LiveGame) -> dict[str, Any]:
    """The invite link, by the site's public address or else by that at which this page was reached; its QR code."""
    path = reverse("join", args=[live.id])
    link = settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
    return {"invite_link": link, "is_loopback": urlsplit(link).hostname in LOOPBACK_HOSTS, "qr_code": _qr_code(link)}


def _qr_code(link: str) -> SafeString:
    drawing = segno.make(link, micro=False).svg_inline(omitsize=True, border=2)
    return mark_safe(drawing)  # noqa: S308 only black and white modules are left of the link
