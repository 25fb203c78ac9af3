"""The backup commands of docs/operations.md, run as they stand while somebody writes."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
BACKUP = PAGE[PAGE.index("## Backup") : PAGE.index("**PostgreSQL**")]
COMMANDS = re.findall(r"^```sh\n(.*?)^```", BACKUP, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A database as a running server has it: its latest rows are in the log beside it, its connection is open."""
    path = tmp_path / "var" / "fourline.sqlite3"
    path.parent.mkdir()
    (tmp_path / "backups").mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE moves (ply); BEGIN")
        connection.executemany("INSERT INTO moves VALUES (?)", [(ply,) for ply in range(1000)])
        connection.commit()
        yield path


def test_there_are_two_ways() -> None:
    assert [".backup" in command or "VACUUM" in command for command in COMMANDS] == [True, True]


@pytest.mark.needs("sqlite3-program")
@pytest.mark.parametrize("command", COMMANDS, ids=["backup", "vacuum"])
def test_a_copy_made_while_the_server_runs_is_whole(command: str, database: Path, tmp_path: Path) -> None:
    here = command.replace("/backups/", f"{tmp_path}/backups/").replace(".venv/bin/python", sys.executable)
    subprocess.run(["sh", "-euc", here], cwd=tmp_path, check=True)
    (copy,) = (tmp_path / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM moves").fetchone() == (1000,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
