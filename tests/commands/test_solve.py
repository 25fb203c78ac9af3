"""`manage.py solve` and `manage.py engine`: perfect play in a terminal, and one line where it is not to be had."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_scores_of_all_columns() -> None:
    assert run("solve", "44353") == (
        "column     1    2    3    4    5    6    7\n"
        "score     -4   -2    4    1   -4   -4   -4\n"
        "The second side is to move and wins with move 36. Best: 3.\n"
    )


def test_a_full_column_and_several_best() -> None:
    output = run("solve", "44444435")
    assert " full " in output


def test_the_empty_board() -> None:
    assert "The first side is to move and wins with move 41. Best: 4." in run("solve")


@pytest.mark.parametrize(
    ("moves", "says"),
    [
        ("4x", "'x' is no column"),
        ("48", "'8' is no column"),
        ("4 4", "' ' is no column"),
        ("٤", "is no column"),
        ("4444444", "move 7 can't be played in column 4: column 3 is full"),
        ("1212121", "the game is over after move 7: won"),
        ("12121212", "move 8 can't be played in column 2: the game is over"),
    ],
)
def test_what_is_no_position_is_told_in_a_line(moves: str, says: str) -> None:
    with pytest.raises(CommandError, match=says) as failure:
        run("solve", moves)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_engine_tests_itself(settings: Any, workers: int) -> None:
    settings.COMPUTER_WORKERS = workers
    output = run("engine", "--selftest")
    assert "3 known positions are scored right" in output
    assert f"{workers} worker processes answer" in output


def test_workers_that_do_not_answer_fail_the_self_test(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMPUTER_WORKERS = 1
    monkeypatch.setattr("games.computer.workers.pool.sys.executable", "/nowhere/python")
    with pytest.raises(CommandError, match="workers don't answer: given up after 3 attempts"):
        run("engine", "--selftest")


def test_a_wrong_answer_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("games.computer.selftest.KNOWN", (("", (0,) * 7),))
    with pytest.raises(CommandError, match=r"the empty board: .* in place of"):
        run("engine", "--selftest")


def test_a_book_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("games.computer.solver.engine.installed_book", lambda: tmp_path / "none.dat")
    for command in (["solve", "44353"], ["engine", "--selftest"]):
        with pytest.raises(CommandError, match=r"none\.dat"):
            run(*command)
