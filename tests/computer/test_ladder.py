"""The ladder: its pairings, its arithmetic, and real games of the levels in processes of their own."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from games.computer.play.ladder import Played, pairings, step

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST_WINS, SECOND_WINS = (3, 2, 3, 2, 3, 2, 3), (0, 3, 2, 3, 2, 3, 2, 3)


def played(lower_wins: int, upper_wins: int) -> list[Played]:
    return [Played(1, 2, FIRST_WINS)] * lower_wins + [Played(2, 1, FIRST_WINS)] * upper_wins


def test_each_side_begins_half_of_the_games() -> None:
    assert pairings(4, 6, 8) == [(7, 6, 0), (6, 7, 1), (7, 6, 2), (6, 7, 3), (8, 7, 0), (7, 8, 1), (8, 7, 2), (7, 8, 3)]


def test_points_go_to_the_side_that_won() -> None:
    assert [Played(4, 5, FIRST_WINS).points(number) for number in (4, 5)] == [1, 0]
    assert [Played(4, 5, SECOND_WINS).points(number) for number in (4, 5)] == [0, 1]
    assert Played(4, 5, (3,)).points(4) == 0.5


def test_elo_of_a_share_of_points() -> None:
    assert step(1, played(50, 50)).elo == pytest.approx(0)
    found = step(1, played(24, 76))
    assert found.elo == pytest.approx(200, abs=1)
    assert (found.low, found.high) == (pytest.approx(121, abs=1), pytest.approx(279, abs=1))


def test_a_side_that_won_everything_is_not_infinitely_stronger() -> None:
    found = step(1, played(0, 20))
    assert found.elo == found.high == pytest.approx(636, abs=1)
    assert 0 < found.low < found.elo


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("levels", *arguments, stdout=out)
    return out.getvalue()


def test_the_perfect_level_is_looked_at_and_nothing_is_said_at_the_end() -> None:
    """As a program: wasmtime complains where an engine outlives Python's modules."""
    command = [sys.executable, "manage.py", "levels", "--games", "2", "--processes", "1", "--from", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "Level 8 gave away score 0 times in 2 games." in done.stdout
    assert "Traceback" not in done.stderr


def test_levels_far_apart_are_told_apart() -> None:
    assert "3 Casual   over 2 Learner" in run("--games", "40", "--processes", "1", "--from", "2", "--to", "3")


@pytest.mark.parametrize("arguments", [["--from", "0"], ["--to", "9"], ["--from", "3", "--to", "3"], ["--games", "1"]])
def test_what_makes_no_ladder_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="levels are 1 to 8"):
        run(*arguments)
