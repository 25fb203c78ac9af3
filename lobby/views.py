"""The lobby page, and making, finding and cancelling games. Every change goes through the registry."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import ParseError

from games import runtime
from games.access.quotas import OverLimit
from games.api.games import invited
from games.game.commands import Cancel
from games.game.live import LiveGame
from games.game.new_game import Terms
from games.protocol import ErrorCode, GameError, State
from games.records.words import SPEEDS
from games.rules.time_controls import Speed
from games.views import view_for
from lobby.accounts import guests
from lobby.live_list import listing
from lobby.pairing import play_now
from lobby.pairing.forms import GameIdForm, NewGameForm
from lobby.profile import players


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The lobby; with ``?join=ID`` an invite."""
    typed = request.GET.get("join")
    if typed is None:
        return _lobby(request)
    form = GameIdForm({"id": typed})
    if form.is_valid():
        return redirect("join", form.cleaned_data["id"])
    # The ID came in a link, so the field's own sentence would not fit.
    del form.errors["id"]
    form.add_error("id", "The link that you followed has no valid game ID. Ask for it again, or type the ID here.")
    return _lobby(request, find_form=form, status=404)


def _lobby(request: HttpRequest, find_form: GameIdForm | None = None, status: int = 200) -> HttpResponse:
    """The page as it stands; its socket keeps it up to date from there."""
    player_id = request.user.pk
    now = timezone.now()
    lobby = listing.read(player_id, now)
    has_account = request.user.is_authenticated and not guests.is_guest(request)
    context: dict[str, Any] = {
        "mine": [(game, game.turn is not None and game.turn == game.seat_of(player_id)) for game in lobby.mine],
        "waiting": [game for game in lobby.waiting if not game.seat_of(player_id)],
        "playing": [game for game in lobby.playing if not game.seat_of(player_id)],
        "more_waiting": lobby.waiting_count - len(lobby.waiting),
        "more_playing": lobby.playing_count - len(lobby.playing),
        "featured": lobby.featured if lobby.featured and not lobby.featured.seat_of(player_id) else None,
        "tiles": play_now.tiles(player_id, now),
        "has_computer": play_now.has_computer(),
        "has_account": has_account,
        "joins": "all" if has_account else "unrated" if settings.GUESTS or request.user.is_authenticated else "none",
        "speeds": [(speed.value, SPEEDS[speed]) for speed in Speed],
        "find_form": find_form or GameIdForm(),
    }
    return render(request, "lobby/home.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def create_game(request: HttpRequest) -> HttpResponse:
    """POST makes a game and leads to it. GET shows the choices, so that they survive signing in on the way."""
    choices = request.POST if request.method == "POST" else request.GET
    form = NewGameForm(choices if choices else None)
    if request.method != "POST":
        initial = {name: value for name, value in request.GET.items() if name in form.fields}
        return _new_game_page(request, NewGameForm(initial=initial or None))
    if not form.is_valid():
        return _new_game_page(request, form, 400)
    if form.chosen["rated"] and not request.user.is_authenticated:
        return _sign_up_first(form)  # no guest is made for a game that guests don't play
    user = guests.whoever_asks(request)
    if user is None:
        return _sign_up_first(form)
    participant = user.participant
    try:
        terms = Terms(**form.chosen, invited=invited(request.POST.get("opponent") or None, participant))
        game: LiveGame = runtime.call(lambda here: here.creation.create(participant, terms))
    except ParseError:
        form.add_error(None, "You can’t challenge yourself.")
        return _new_game_page(request, form, 400)
    except GameError as error:
        return _not_made(request, form, error)
    return redirect("game", game.id)


_NOT_MADE = {ErrorCode.NOT_RATED: 409, ErrorCode.UNKNOWN_PLAYER: 404, ErrorCode.FORBIDDEN: 403}
"""Refusals that the form says."""


def _not_made(request: HttpRequest, form: NewGameForm, error: GameError) -> HttpResponse:
    if error.code in _NOT_MADE:
        form.add_error("rated" if error.code is ErrorCode.NOT_RATED else None, error.message)
        return _new_game_page(request, form, _NOT_MADE[error.code])
    messages.error(request, error.message)
    return redirect("home")


def _new_game_page(request: HttpRequest, form: NewGameForm, status: int = 200) -> HttpResponse:
    """The form; with ``opponent`` it is of a challenge."""
    sent = request.POST if request.method == "POST" else request.GET
    opponent = sent.get("opponent", "")
    context = {"form": form, "opponent": opponent, "opponent_player": players.find(opponent)}
    return render(request, "lobby/new_game.html", context, status=status)


def _sign_up_first(form: NewGameForm) -> HttpResponse:
    back = f"{reverse('create_game')}?{urlencode(form.sent)}"
    return redirect(f"{reverse('signup')}?{urlencode({'next': back})}")


@require_safe
@never_cache
def find_game(request: HttpRequest) -> HttpResponse:
    """A game by its ID, typed in any form: to its invite while it waits for somebody else, else to its page."""
    form = GameIdForm(request.GET)
    if not form.is_valid():
        return _lobby(request, find_form=form, status=400)
    game_id = form.cleaned_data["id"]
    try:
        game = view_for(request, game_id)
    except OverLimit:
        raise
    except GameError as error:
        not_found = error.code is ErrorCode.GAME_NOT_FOUND
        unknown = f"There is no game {game_id}. Check it with whoever sent it."
        form.add_error("id", unknown if not_found else error.message)
        return _lobby(request, find_form=form, status=404 if not_found else 503)
    is_open = game.state is State.WAITING and game.seat_of(request.user.pk) is None
    return redirect("join" if is_open else "game", game.id)


_CANCEL_REFUSALS = {
    ErrorCode.GAME_NOT_FOUND: "There is no game {id}.",
    ErrorCode.NOT_A_PARTICIPANT: "Only whoever made game {id} can cancel it.",
    ErrorCode.GAME_ALREADY_STARTED: "Too late to cancel: somebody has joined game {id}.",
    ErrorCode.GAME_FINISHED: "Game {id} is over already.",
}


@require_POST
def cancel_game(request: HttpRequest, game_id: str) -> HttpResponse:
    """Take my waiting game back."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('login')}?{urlencode({'next': reverse('home')})}")
    try:
        view_for(request, game_id)
        runtime.call(lambda here: here.registry.run(game_id, request.user.pk, Cancel()))
    except GameError as error:
        messages.error(request, _CANCEL_REFUSALS.get(error.code, error.message).format(id=game_id))
        has_game = error.code in (ErrorCode.GAME_ALREADY_STARTED, ErrorCode.GAME_FINISHED)
        return redirect("game", game_id) if has_game else redirect("home")
    messages.success(request, f"Game {game_id} is cancelled.")
    return redirect("home")
