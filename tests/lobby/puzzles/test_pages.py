"""The pages of the puzzles and answering them, over HTTP: what is shown, what is stored, what is refused."""

import itertools
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from games.models import Game
from lobby.models import User
from lobby.puzzles import answers, choosing
from lobby.puzzles.models import Attempt, Puzzle
from tests.support.puzzling_games import PUZZLING
from tests.support.site import at, running_game

pytestmark = pytest.mark.django_db(transaction=True)

Reviewed = Callable[..., Game]


@pytest.fixture
def puzzles(reviewed: Reviewed) -> list[Puzzle]:
    """Those of today."""
    for notation in PUZZLING:
        reviewed(notation)
    return choosing.puzzles_of(timezone.now().date())


def page_data(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', answer.content.decode())
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def wrong(puzzle: Puzzle) -> int:
    return next(c for c, score in enumerate(puzzle.scores) if score is not None and c != puzzle.answer)


def give(client: Client, puzzle: Puzzle, column: Any) -> Any:
    return client.post(f"{puzzle.get_absolute_url()}answer/", {"column": column})


# --- pages ------------------------------------------------------------------------------------------------------


def test_without_reviewed_games_the_page_says_where_puzzles_come_from(alice: User) -> None:
    answer = at(None).get("/puzzles/")
    assert answer.status_code == 200
    assert "There are no puzzles yet." in answer.content.decode()
    assert not Puzzle.objects.exists()


def test_with_too_few_the_page_says_that_there_are_no_more(reviewed: Reviewed) -> None:
    reviewed(PUZZLING[0])
    answer = at(None).get("/puzzles/")
    assert "There are no more puzzles today." in answer.content.decode()
    assert page_data(answer)["answered"] is None


def test_nothing_of_the_answer_is_on_the_page_before_there_is_one(puzzles: list[Puzzle]) -> None:
    for puzzle in puzzles:
        answer = at(None).get(puzzle.get_absolute_url())
        data = page_data(answer)
        assert data == {
            "moves": puzzle.columns, "firstMove": 1,
            "legalColumns": [c for c in range(7) if puzzle.scores[c] is not None],
            "isWon": puzzle.scores[puzzle.answer] > 0, "answered": None,
        }  # fmt: skip
        assert puzzle.game_id not in answer.content.decode()


def test_the_first_that_is_not_answered_is_shown(puzzles: list[Puzzle], charlie: User) -> None:
    assert at(None).get("/puzzles/").context["puzzle"] == puzzles[0]
    client = at(charlie)
    for puzzle, following in zip(puzzles, [*puzzles[1:], puzzles[2]], strict=True):
        give(client, puzzle, puzzle.answer)
        assert client.get("/puzzles/").context["puzzle"] == following
    assert page_data(client.get("/puzzles/"))["answered"]["isRight"]


@pytest.mark.parametrize(
    "path",
    ["2026-02-30/1/", "1999-01-01/1/", "2026-01-01/0/", "2026-01-01/99999999999999999999/", "0000-01-01/1/", "x/1/"],
)
def test_what_is_no_puzzle_is_not_found(path: str, alice: User) -> None:
    assert at(None).get(f"/puzzles/{path}").status_code == 404
    assert at(None).post(f"/puzzles/{path}answer/", {"column": "1"}).status_code == 404


def test_a_puzzle_of_a_day_before_can_be_opened(puzzles: list[Puzzle]) -> None:
    Puzzle.objects.update(day=timezone.now().date() - timedelta(days=3))
    puzzle = Puzzle.objects.get(number=2)
    answer = at(None).get(puzzle.get_absolute_url())
    assert (answer.status_code, answer.context["is_today"]) == (200, False)


# --- answers ----------------------------------------------------------------------------------------------------


def test_the_server_judges(puzzles: list[Puzzle], charlie: User) -> None:
    client, puzzle = at(charlie), puzzles[0]
    told = give(client, puzzle, puzzle.answer).json()
    assert told == {
        "column": puzzle.answer, "isRight": True, "answer": puzzle.answer, "scores": puzzle.scores, "streak": 1,
        "game": f"/games/{puzzle.game_id}/#{len(puzzle.moves)}",
    }  # fmt: skip
    told = give(client, puzzles[1], wrong(puzzles[1])).json()
    assert (told["isRight"], told["column"], told["answer"]) == (False, wrong(puzzles[1]), puzzles[1].answer)


def test_the_first_answer_counts(puzzles: list[Puzzle], charlie: User) -> None:
    client, puzzle = at(charlie), puzzles[0]
    give(client, puzzle, wrong(puzzle))
    again = give(client, puzzle, puzzle.answer).json()
    assert (again["column"], again["isRight"], again["streak"]) == (wrong(puzzle), False, 0)
    assert list(Attempt.objects.values_list("player_id", "column", "is_right")) == [(charlie.pk, wrong(puzzle), False)]


def test_of_whoever_is_not_signed_in_nothing_is_stored(puzzles: list[Puzzle]) -> None:
    told = give(at(None), puzzles[0], puzzles[0].answer).json()
    assert (told["isRight"], told["streak"]) == (True, None)
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("column", ["", "7", "-1", "x", "3.0", "03", "\u0663", "99999999999999999999"])
def test_what_is_no_column_is_refused(puzzles: list[Puzzle], charlie: User, column: str) -> None:
    answer = give(at(charlie), puzzles[0], column)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert not Attempt.objects.exists()


def test_a_full_column_is_refused(puzzles: list[Puzzle], charlie: User) -> None:
    full = next((puzzle, c) for puzzle in puzzles for c, score in enumerate(puzzle.scores) if score is None)
    assert give(at(charlie), *full).status_code == 400


def test_an_answer_needs_its_token(puzzles: list[Puzzle], charlie: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    assert give(client, puzzles[0], puzzles[0].answer).status_code == 403
    assert at(charlie).get(f"{puzzles[0].get_absolute_url()}answer/").status_code == 405


def test_too_many_answers_are_refused(puzzles: list[Puzzle], charlie: User) -> None:
    client = at(charlie)
    tries = (give(client, puzzles[0], puzzles[0].answer) for _ in range(300))
    given = [*itertools.takewhile(lambda answer: answer.status_code == 200, tries)]
    assert 60 <= len(given) < 299, "one a second comes back, and the machine may be slow"
    answer = give(client, puzzles[0], puzzles[0].answer)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) >= 1


# --- nothing for whoever plays ------------------------------------------------------------------------------------


def test_whoever_plays_by_the_clock_gets_no_puzzle(puzzles: list[Puzzle], alice: User, bob: User) -> None:
    game = running_game(alice, bob, initial=60, increment=0)
    for path in ("/puzzles/", puzzles[0].get_absolute_url()):
        answer = at(alice).get(path)
        assert answer.status_code == 409
        assert "page-data" not in answer.content.decode()
    refusal = give(at(bob), puzzles[0], puzzles[0].answer)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "game_in_progress")
    assert not Attempt.objects.exists()
    type(game).objects.filter(pk=game.pk).update(initial=None, increment=None)
    assert at(alice).get("/puzzles/").status_code == 200


def test_in_correspondence_a_puzzle_of_the_own_position_has_no_answer(
    puzzles: list[Puzzle], alice: User, bob: User
) -> None:
    running_game(alice, bob, puzzles[0].moves, days_per_move=3)
    assert at(alice).get(puzzles[0].get_absolute_url()).status_code == 200
    assert give(at(alice), puzzles[0], puzzles[0].answer).status_code == 409
    assert give(at(alice), puzzles[1], puzzles[1].answer).status_code == 200


# --- the streak -------------------------------------------------------------------------------------------------


def _solved(user: User, puzzle: Puzzle, days_ago: int, *, late: int = 0, is_right: bool = True) -> None:
    """A puzzle of so many days ago, answered so many days after its day."""
    now = timezone.now()
    day = (now - timedelta(days=days_ago)).date()
    copy = Puzzle.objects.create(
        day=day, number=1, game=puzzle.game, moves=puzzle.moves, scores=puzzle.scores, answer=puzzle.answer,
        position=f"{days_ago}",
    )  # fmt: skip
    at_time: datetime = now - timedelta(days=days_ago - late)
    Attempt.objects.create(player=user.player, puzzle=copy, column=puzzle.answer, is_right=is_right, at=at_time)


def test_days_in_a_row_count_up_to_yesterday(puzzles: list[Puzzle], charlie: User) -> None:
    today = timezone.now().date()
    assert answers.streak_of(charlie.pk, today) == 0
    for days_ago in (1, 2, 3, 5):
        _solved(charlie, puzzles[0], days_ago)
    assert answers.streak_of(charlie.pk, today) == 3
    assert at(charlie).get("/puzzles/").context["streak"] == 3
    give(at(charlie), puzzles[0], puzzles[0].answer)
    assert answers.streak_of(charlie.pk, today) == 4
    assert answers.streak_of(charlie.pk, today + timedelta(days=2)) == 0


def test_neither_late_nor_wrong_answers_count(puzzles: list[Puzzle], charlie: User) -> None:
    _solved(charlie, puzzles[0], 1)
    _solved(charlie, puzzles[0], 2, late=1)
    _solved(charlie, puzzles[0], 3, is_right=False)
    assert answers.streak_of(charlie.pk, timezone.now().date()) == 1
