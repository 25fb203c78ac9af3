"""The pages of the puzzles, and answering them."""

from datetime import UTC, date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from games.access import addresses
from games.access.quotas import OverLimit, Quota, holder, quotas
from games.computer.fairness import refuse_help, refuse_position
from games.protocol import GameError
from games.rules.board import Position
from lobby.puzzles import answers
from lobby.puzzles.choosing import puzzles_of
from lobby.puzzles.models import A_DAY, Attempt, Puzzle

ANSWERS = Quota("puzzle answers", 60, 60.0)
"""Of one person, or of all at one address who are not signed in."""


@require_safe
@never_cache
def today(request: HttpRequest) -> HttpResponse:
    """The puzzles of the day: the first that the person has not answered, else the last."""
    puzzles = puzzles_of(_today())
    attempts = _attempts(request, puzzles)
    shown = next((puzzle for puzzle in puzzles if puzzle.pk not in attempts), puzzles[-1] if puzzles else None)
    return _page(request, shown, puzzles, attempts)


@require_safe
@never_cache
def puzzle(request: HttpRequest, day: date, number: int) -> HttpResponse:
    """One puzzle, of today or of a day before.

    Raises:
        Http404: there is none.
    """
    puzzles = puzzles_of(day) if day == _today() else list(Puzzle.objects.filter(day=day).select_related("game"))
    shown = next((puzzle for puzzle in puzzles if puzzle.number == number), None)
    if shown is None:
        raise Http404("no such puzzle")
    return _page(request, shown, puzzles, _attempts(request, puzzles))


@require_POST
def answer(request: HttpRequest, day: date, number: int) -> HttpResponse:
    """Judge an answer, the form field ``column`` counted from 0. Stored for whoever is signed in; their first counts.

    Returns:
        What `_told` gives; 400 ``invalid_request``, 409 ``game_in_progress``, 429 ``rate_limited``, 503 ``try_again``.
    """
    found = get_object_or_404(Puzzle.objects.select_related("game"), day=day, number=number)
    try:
        quotas.count(ANSWERS, holder(request.user.pk, addresses.of_request(request)), "Too many answers at once.")
        refuse_position(request.user.pk, Position.from_columns(found.columns))
        column = _column(request, found)
        if column is None:
            return JsonResponse({"code": "invalid_request", "message": "That column can't be played."}, status=400)
        return JsonResponse(_told(found, _judged(request, found, column), _streak(request)))
    except OverLimit as refusal:
        headers = {"Retry-After": str(refusal.retry_after)}
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=429, headers=headers)
    except GameError as refusal:
        status = 409 if refusal.code == "game_in_progress" else 503
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=status)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


def _column(request: HttpRequest, found: Puzzle) -> int | None:
    text = request.POST.get("column", "")
    column = int(text) if len(text) == 1 and text.isascii() and text.isdigit() else -1
    return column if 0 <= column < len(found.scores) and found.scores[column] is not None else None


def _judged(request: HttpRequest, found: Puzzle, column: int) -> Attempt:
    """The answer that counts: of whoever is signed in their first, of anybody else this one, which nobody keeps."""
    if request.user.is_authenticated:
        return answers.answer(found, request.user.pk, column, timezone.now())
    return Attempt(puzzle=found, column=column, is_right=column == found.answer)


def _attempts(request: HttpRequest, puzzles: list[Puzzle]) -> dict[int, Attempt]:
    return answers.attempts_of(request.user.pk, puzzles) if request.user.is_authenticated else {}


def _streak(request: HttpRequest) -> int | None:
    return answers.streak_of(request.user.pk, _today()) if request.user.is_authenticated else None


def _told(found: Puzzle, attempt: Attempt, streak: int | None) -> dict[str, Any]:
    """What whoever has answered may know: all of it, and the game that the position is from."""
    return {
        "column": attempt.column,
        "isRight": attempt.is_right,
        "answer": found.answer,
        "scores": found.scores,
        "streak": streak,
        "game": f"{found.game.get_absolute_url()}#{len(found.moves)}",
    }


def _page(
    request: HttpRequest, shown: Puzzle | None, puzzles: list[Puzzle], attempts: dict[int, Attempt]
) -> HttpResponse:
    try:
        refuse_help(request.user.pk)
    except GameError:
        return render(request, "puzzles/in_progress.html", status=409)
    streak = _streak(request)
    context = {
        "puzzle": shown,
        "puzzles": [(one, attempts.get(one.pk)) for one in puzzles],
        "is_today": shown is None or shown.day == _today(),
        "streak": streak,
        "a_day": A_DAY,
        "page": shown and _page_data(shown, attempts.get(shown.pk), streak),
    }
    return render(request, "puzzles/puzzle.html", context)


def _page_data(shown: Puzzle, attempt: Attempt | None, streak: int | None) -> dict[str, Any]:
    """What the page's script starts from: nothing of the answer before there is one of the person's."""
    return {
        "moves": shown.columns,
        "firstMove": shown.game.first_move,
        "legalColumns": [column for column, score in enumerate(shown.scores) if score is not None],
        "isWon": shown.is_won,
        "answered": _told(shown, attempt, streak) if attempt else None,
    }
