"""My past games."""

from typing import Protocol, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from games.models import Game, GameQuerySet
from games.protocol import Reason, State
from lobby.accounts.forms import PLAIN_NAME
from lobby.models import User

PAGE_SIZE = 25
RESULTS = (
    ("", "All results"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("drawn", "Drawn"),
    ("none", "No winner"),
    ("in-progress", "In progress"),
)

_DRAWN = [Reason.BOARD_FULL, Reason.AGREEMENT, Reason.ADJUDICATION, Reason.TIMEOUT]
"""Reasons for which a game without a winner counts as drawn; for any other it has no result."""


class HistoryFilterForm(forms.Form):
    """Which of my games to show. What can't be meant is read as no filter."""

    result = forms.ChoiceField(choices=RESULTS, required=False, label="Result")
    opponent = forms.CharField(
        max_length=20, required=False, label="Opponent",
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search", **PLAIN_NAME}),
    )  # fmt: skip


def played_by(player_id: int) -> GameQuerySet:
    """Games of this player that had two participants, newest first, with all that a list of them shows.

    Args:
        player_id: a player's primary key.
    """
    return with_all_that_lists_show(Game.objects.of(player_id).filter(participant2__isnull=False))


def with_all_that_lists_show(games: GameQuerySet) -> GameQuerySet:
    """Games with people and boards, newest first."""
    shown = games.select_related("participant1", "participant2").prefetch_related("changes")
    return shown.order_by("-create_time", "id")


def with_result(games: GameQuerySet, result: str, player_id: int) -> GameQuerySet:
    """Those of the games that ended so for this player.

    Args:
        games: games of the player.
        result: ``won``, ``lost``, ``drawn``, ``none`` (no winner) or ``in-progress``; anything else chooses all.
        player_id: a player's primary key.
    """
    first = Q(participant1=player_id)
    has_no_winner = Q(state=State.FINISHED, winner=None)
    wanted = {
        "won": Q(first, winner=1) | Q(~first, winner=2),
        "lost": Q(first, winner=2) | Q(~first, winner=1),
        "drawn": has_no_winner & Q(reason__in=_DRAWN),
        "none": has_no_winner & ~Q(reason__in=_DRAWN),
        "in-progress": Q(state=State.IN_PROGRESS),
    }
    return games.filter(wanted.get(result, Q()))


def against(games: GameQuerySet, name: str, player_id: int) -> GameQuerySet:
    """Those of the games whose opponent's name contains ``name``, in any case.

    Args:
        games: games of the player.
        name: a part of a name; empty chooses all.
        player_id: a player's primary key.
    """
    if not name:
        return games
    return games.filter(
        Q(participant1=player_id, participant2__name__icontains=name)
        | Q(participant2=player_id, participant1__name__icontains=name)
    )


class Ended(Protocol):
    """A game, or what is read of one, as far as its result goes."""

    @property
    def state(self) -> str:
        """As the contract has it."""

    @property
    def winner(self) -> int | None:
        """The winner's seat."""

    @property
    def reason(self) -> str:
        """Why it ended."""

    @property
    def participant1_id(self) -> int:
        """Who made it."""


def result_of(game: Ended, player_id: int) -> str:
    """How a game stands for a player: ``won``, ``lost``, ``drawn``, ``none`` or ``in-progress``."""
    if game.state != State.FINISHED:
        return "in-progress"
    if game.winner is None:
        return "drawn" if game.reason in _DRAWN else "none"
    seat = 1 if game.participant1_id == player_id else 2
    return "won" if game.winner == seat else "lost"


@require_safe
@login_required
@never_cache
def history(request: HttpRequest) -> HttpResponse:
    """My games, newest first, in pages, by result and opponent."""
    player_id = cast(User, request.user).pk
    form = HistoryFilterForm(request.GET)
    form.is_valid()
    result = form.cleaned_data.get("result", "")
    opponent = form.cleaned_data.get("opponent", "")
    games = against(with_result(played_by(player_id), result, player_id), opponent, player_id)
    page = Paginator(games, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(game, result_of(game, player_id)) for game in page]
    context = {"form": form, "page": page, "rows": rows, "is_filtered": bool(result or opponent)}
    return render(request, "lobby/history.html", context)
