"""`python -m tests`: what fails beside others is run once more, what fails then fails the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tests.__main__

SETTINGS = """[pytest]
markers =
    alone(reason): one by one
"""
TESTS = """
from pathlib import Path
import pytest

def test_holds():
    assert True

@pytest.mark.alone("measures")
def test_measures():
    Path("measured").touch()
"""
UNSTEADY = """
def test_unsteady():
    before = Path("before").exists()
    Path("before").touch()
    assert before
"""
BROKEN = """
def test_broken():
    with Path("times").open("a") as file:
        file.write("x")
    assert False
"""
MANY_BROKEN = """
@pytest.mark.parametrize("number", range(31))
def test_broken(number):
    with Path("times").open("a") as file:
        file.write("x")
    assert False
"""


def run(folder: Path, text: str) -> tuple[int, str]:
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_some.py").write_text(text)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, tests.__main__.__file__, "2"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("more", "code", "again", "times"),
    [
        (UNSTEADY, 0, ["tests/test_some.py::test_unsteady"], 0),
        (UNSTEADY + BROKEN, 1, ["tests/test_some.py::test_unsteady"], 2),
        (MANY_BROKEN, 1, [], 31),
    ],
    ids=["one holds the second time", "one of each", "many are broken"],
)
def test_what_fails_is_run_once_more(tmp_path: Path, more: str, code: int, again: list[str], times: int) -> None:
    got, said = run(tmp_path, TESTS + more)
    named = [line.rpartition(" ")[2] for line in said.splitlines() if line.startswith("passed only when")]
    broken = tmp_path / "times"
    assert (got, named) == (code, again), said
    assert len(broken.read_text() if broken.exists() else "") == times
    assert (tmp_path / "measured").exists(), "the second part runs whatever the first comes to"
