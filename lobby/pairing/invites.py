"""Invites: a page that says who invites, with one button. Looking never joins; the button does."""

from enum import StrEnum
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from games import runtime
from games.access.quotas import OverLimit
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError, State
from games.views import view_for
from lobby.accounts import guests, sign_ups
from lobby.accounts.forms import SignUpForm
from lobby.accounts.views.account import sign_in_new
from lobby.models import User
from lobby.pairing.forms import GameIdForm


class Invite(StrEnum):
    """What an invite is to whoever opens it."""

    OPEN = "open"
    OWN = "own"
    TAKEN = "taken"
    CANCELLED = "cancelled"
    OVER = "over"
    FOR_ANOTHER = "for-another"


def invite_of(game: LiveGame, player_id: int | None) -> Invite:
    """What this game's invite is to this person.

    Args:
        game: as it stands.
        player_id: who looks; None for somebody who is not signed in.
    """
    if game.state is State.WAITING:
        if game.seat_of(player_id) == 1:
            return Invite.OWN
        is_for_another = game.invited is not None and game.invited.player_id != player_id
        return Invite.FOR_ANOTHER if is_for_another else Invite.OPEN
    if game.state is State.FINISHED:
        return Invite.OVER if game.participant2 else Invite.CANCELLED
    return Invite.TAKEN


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def join(request: HttpRequest, game_id: str) -> HttpResponse:
    """GET shows the invite. POST takes the seat; for whoever isn't signed in it signs up first, in the same step."""
    canonical = reverse("join", args=[game_id])
    if request.method != "POST" and request.path != canonical:
        return redirect(canonical)
    try:
        game = view_for(request, game_id)
    except OverLimit:
        raise
    except GameError as error:
        return _unavailable(request, game_id, error)
    if request.method == "POST":
        return _accept(request, game)
    if game.seat_of(request.user.pk) == 2:
        return redirect("game", game.id)
    return _invite_page(request, game, SignUpForm.of(request))


def _accept(request: HttpRequest, game: LiveGame) -> HttpResponse:
    """The button was pressed."""
    if request.user.is_authenticated:
        guests.whoever_asks(request)
        return _take_seat(request, game, SignUpForm())
    form = SignUpForm(request.POST if "username" in request.POST else None)
    # Neither an account nor a guest is made when the seat is taken.
    if invite_of(game, None) is not Invite.OPEN:
        return _invite_page(request, game, form, status=409)
    if not form.is_bound:
        if _takes_guests(game) and guests.whoever_asks(request) is not None:
            return _take_seat(request, game, form)
        # The page was loaded while signed in, so it has no sign-up form whose fields could be refused.
        messages.info(request, "You are not signed in. Sign up or sign in to join.")
        return redirect("join", game.id)
    user = _sign_up(request, form) if form.is_valid() else None
    if user is None:
        return _invite_page(request, game, form)
    sign_in_new(request, user)
    return _take_seat(request, game, form)


def _sign_up(request: HttpRequest, form: SignUpForm) -> User | None:
    sign_ups.count(request)
    return form.create_user()


def _take_seat(request: HttpRequest, game: LiveGame, form: SignUpForm) -> HttpResponse:
    """Join as who is signed in; a refusal shows the invite as it now stands."""
    participant = cast(User, request.user).participant
    try:
        runtime.call(lambda here: here.creation.join(game.id, participant))
        return redirect("game", game.id)
    except GameError as error:
        if error.code is ErrorCode.TRY_AGAIN:
            messages.error(request, error.message)
            return _invite_page(request, game, form, status=503)
        game = runtime.call(lambda here: here.registry.view(game.id))
        if invite_of(game, participant.player_id) is Invite.OPEN:  # the page says nothing of why by itself
            messages.error(request, error.message)
        return _invite_page(request, game, form, status=409)


def _takes_guests(game: LiveGame) -> bool:
    """Whether somebody without an account may join."""
    return settings.GUESTS and not game.rated


def _invite_page(request: HttpRequest, game: LiveGame, form: SignUpForm, status: int = 200) -> HttpResponse:
    context = {"game": game, "invite": invite_of(game, request.user.pk), "form": form, "guests": _takes_guests(game)}
    return render(request, "lobby/invite.html", context, status=status)


def _unavailable(request: HttpRequest, game_id: str, error: GameError) -> HttpResponse:
    """No such game, or no telling right now."""
    if error.code is ErrorCode.GAME_NOT_FOUND:
        context = {"game_id": game_id, "find_form": GameIdForm()}
        return render(request, "lobby/no_such_game.html", context, status=404)
    messages.error(request, error.message)
    return redirect("home")
