"""Answers to puzzles: judged here, the first of each person stored; and for how many days in a row somebody solves."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models.functions import TruncDate

from games import runtime
from lobby.puzzles.models import Attempt, Puzzle

LONGEST_STREAK: Final = 1000
"""Days that are looked back."""


def answer(puzzle: Puzzle, player_id: int, column: int, now: datetime) -> Attempt:
    """Store a person's answer; the first counts, and comes back however often another is given.

    Args:
        puzzle: which.
        player_id: whose answer.
        column: counted from 0.
        now: the time.

    Raises:
        GameError: ``try_again``: the store doesn't answer.
    """
    return runtime.call(lambda here: here.writes.do(_store, puzzle, player_id, column, now))


def _store(puzzle: Puzzle, player_id: int, column: int, now: datetime) -> Attempt:
    given = {"column": column, "is_right": column == puzzle.answer, "at": now}
    return Attempt.objects.get_or_create(player_id=player_id, puzzle=puzzle, defaults=given)[0]


def attempts_of(player_id: int, puzzles: Iterable[Puzzle]) -> dict[int, Attempt]:
    """A person's answers, by the puzzles' keys."""
    return {attempt.puzzle_id: attempt for attempt in Attempt.objects.filter(player_id=player_id, puzzle__in=puzzles)}


def streak_of(player_id: int, today: date) -> int:
    """For how many days in a row a person has solved a puzzle of the day on its day, up to today or yesterday."""
    solved = Attempt.objects.filter(player_id=player_id, is_right=True)
    on_its_day = solved.filter(puzzle__day=TruncDate("at", tzinfo=UTC)).order_by("-puzzle__day")
    return streak(on_its_day.values_list("puzzle__day", flat=True).distinct()[:LONGEST_STREAK], today)


def streak(days: Iterable[date], today: date) -> int:
    """The days without a gap that end today or yesterday: nothing is lost before a day is over.

    Args:
        days: each once, the newest first.
        today: by UTC.

    >>> streak([date(2026, 3, 3), date(2026, 3, 2), date(2026, 2, 27)], date(2026, 3, 4))
    2
    """
    count, expected = 0, today
    for day in days:
        if day == expected - timedelta(days=1) and count == 0:
            expected = day
        if day != expected:
            break
        count, expected = count + 1, expected - timedelta(days=1)
    return count
