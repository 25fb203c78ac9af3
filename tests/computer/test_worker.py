"""A worker's answers: line by line, and where the opening book is missing."""

from io import BytesIO
from pathlib import Path
from random import Random

import msgspec
import pytest

from bench.engine import sensible_game
from games.computer.workers.questions import Answer, ChooseMove, Failure, ScoreColumns, ScoreGame
from games.computer.workers.worker import Worker, serve
from tests.support.books import FAULTS, broken_book


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> str:
    """What is wrong with the book."""
    found: str = request.param
    return found


@pytest.fixture
def without_book(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> Worker:
    path = broken_book(tmp_path, fault)
    monkeypatch.setattr("games.computer.solver.engine.installed_book", lambda: path)
    return Worker()


@pytest.mark.parametrize("level", [7, 8])
@pytest.mark.parametrize("plies", [0, 9, 12, 20])
def test_without_a_book_the_best_levels_say_so_at_once(
    without_book: Worker, fault: str, level: int, plies: int
) -> None:
    random = Random(2)
    columns = next(game for game in iter(lambda: sensible_game(random), None) if len(game) > 20)[:plies]
    answer = without_book.answer(ChooseMove(columns, 30, level, "x"))
    assert answer.failure is Failure.UNAVAILABLE
    assert FAULTS[fault] in answer.message
    assert "book.dat" in answer.message


def test_without_a_book_levels_up_to_six_play_whole_games(without_book: Worker) -> None:
    columns = sensible_game(Random(3))
    for level in range(1, 7):
        for plies in range(len(columns)):
            assert without_book.answer(ChooseMove(columns[:plies], 30, level, "x")).column in range(7)


def test_without_a_book_games_are_not_reviewed(without_book: Worker) -> None:
    columns = sensible_game(Random(4))
    assert without_book.answer(ScoreGame(columns, 30)).failure is Failure.UNAVAILABLE
    assert without_book.answer(ScoreGame(columns, 30, opening=14)).scores


def test_a_line_for_a_line() -> None:
    questions = [
        ScoreColumns([3, 3, 2, 4, 2], 30),
        ChooseMove([3, 2, 3, 2, 3, 2, 3], 30, 1, "x"),
        ScoreColumns([9], 30),
    ]
    answers = BytesIO()
    serve(BytesIO(b"".join(msgspec.json.encode(each) + b"\n" for each in questions)), answers)
    found = [msgspec.json.decode(line, type=Answer) for line in answers.getvalue().splitlines()]
    assert found[0].scores == [(-4, -2, 4, 1, -4, -4, -4)]
    assert [answer.failure for answer in found[1:]] == [Failure.NO_POSITION] * 2
