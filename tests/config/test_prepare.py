"""``manage.py prepare``, as a real process: what comes before a start."""

import re
from pathlib import Path

import pytest

from tests.support.processes import environment, manage, outcome
from tests.support.servers import QUICK


def test_it_migrates_and_collects_and_may_be_called_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert outcome(manage("prepare", "--static"), environment(tmp_path, DEBUG="false", **QUICK)) == (0, "", [])
    assert (tmp_path / "fourline.sqlite3").exists()
    names = [path.name for path in (tmp_path / "static" / "css").iterdir()]
    assert any(re.fullmatch(r"base\.[0-9a-f]{12}\.css", name) for name in names)
    code, printed, _ = outcome(manage("migrate", "--check"), environment(tmp_path))
    assert (code, printed) == (0, "")


@pytest.mark.parametrize("command", [["prepare"], ["run"]])
def test_a_database_that_is_away_is_one_line(tmp_path: Path, command: list[str]) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    code, printed, errors = outcome(manage(*command), environment(tmp_path, DATABASE_URL=away))
    assert (code, printed, len(errors)) == (1, "", 1), errors
    assert errors[0].startswith("fourline: the database does not answer: ")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "css").touch()  # a file in the way stops root too
    code, _, errors = outcome(manage("prepare", "--static"), environment(tmp_path, DEBUG="false", **QUICK))
    assert (code, len(errors)) == (1, 1), errors
    assert errors[0].startswith("fourline: cannot collect static files: ")
