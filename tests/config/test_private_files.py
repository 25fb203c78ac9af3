"""Files of an installation are for their owner alone, also those that were there before."""

import multiprocessing
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from config.private_files import tighten
from tests.support.processes import environment, manage, outcome
from tests.support.servers import QUICK, ROOT, running

SQLITE = "django.db.backends.sqlite3"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _open_umask():
    """That of most systems: what is made may be read by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_is_made_is_private_but_for_static_files(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    assert outcome(manage("prepare", "--static"), environment(data, DEBUG="false", **QUICK)) == (0, "", [])
    assert (mode(data), mode(data / "secret_key"), mode(data / "fourline.sqlite3")) == (0o700, 0o600, 0o600)
    collected = [data / "static", *(data / "static").rglob("*")]
    assert {path.suffix for path in collected} >= {".css", ".js", ".gz", ".json"}
    assert {mode(path) for path in collected if path.is_dir()} == {0o755}
    assert {mode(path) for path in collected if path.is_file()} == {0o644}


def test_static_files_may_lie_where_others_can_read_them(tmp_path: Path) -> None:
    data, public = tmp_path / "data", tmp_path / "public" / "static"
    public.parent.mkdir()
    settings = environment(data, DEBUG="false", STATIC_ROOT=str(public), **QUICK)
    assert outcome(manage("prepare", "--static"), settings) == (0, "", [])
    assert (mode(public), mode(public / "staticfiles.json")) == (0o755, 0o644)
    assert not (data / "static").exists()


@pytest.mark.parametrize("kind", ["uvicorn", "daphne", "run"])
def test_an_existing_installation_is_tightened_at_the_start(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    assert outcome(manage("prepare"), environment(data))[0] == 0
    data.chmod(0o755)
    for name in ("secret_key", "fourline.sqlite3"):
        (data / name).chmod(0o644)
    log = tmp_path / "log"
    log.mkdir()
    with (
        closing(sqlite3.connect(data / "fourline.sqlite3")) as reader,
        running(kind, log, forked=False, FOURLINE_DATA=str(data), SECRET_KEY="") as server,
    ):
        reader.execute("SELECT 1 FROM games_game")  # SQLite's other files are there while somebody has it open
        assert server.get("/") == 200
        made = {path.name: mode(path) for path in data.iterdir() if path.is_file()}
        assert {"secret_key", "fourline.sqlite3", "fourline.sqlite3-wal", "fourline.sqlite3-shm"} <= made.keys()
        assert set(made.values()) == {0o600}
        assert mode(data) == 0o700
        assert "other users" not in server.log


def test_files_beside_an_open_database_are_tightened_too(tmp_path: Path) -> None:
    paths = [tmp_path / f"here.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")]
    for path in paths:
        path.touch(mode=0o664)
    tighten(tmp_path / "elsewhere", {"ENGINE": SQLITE, "NAME": str(paths[0])})
    assert {mode(path) for path in paths} == {0o600}


def test_a_folder_with_other_things_in_it_is_left_as_it_is_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o755)
    for name in ("secret_key", "somebody-elses"):
        (tmp_path / name).touch(mode=0o644)
    tighten(tmp_path, {"ENGINE": "django.db.backends.postgresql", "NAME": "fourline"})
    assert (mode(tmp_path), mode(tmp_path / "secret_key"), mode(tmp_path / "somebody-elses")) == (0o755, 0o600, 0o644)
    [record] = caplog.records
    assert "somebody-elses is in it" in record.getMessage()
    assert f"chmod go= {tmp_path}" in record.getMessage()


def _tighten_as_somebody_else(folder: Path, told: "multiprocessing.queues.Queue[str]") -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    import logging

    class Tell(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.put(record.getMessage())

    logging.getLogger("fourline.files").addHandler(Tell())
    tighten(folder, {"ENGINE": SQLITE, "NAME": "/etc/passwd"})
    told.put("done")


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_files_of_another_user_are_named_and_stop_nothing(tmp_path: Path) -> None:
    """/etc and /etc/passwd are root's and read by everybody, on every system."""
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    process = context.Process(target=_tighten_as_somebody_else, args=(Path("/etc"), told))
    process.start()
    lines = [told.get(timeout=20) for _ in range(3)]
    process.join(20)
    assert lines[0] == (
        "/etc/passwd can be used by other users: Operation not permitted. Run chmod go= /etc/passwd as its owner"
    )
    assert lines[1].startswith("/etc can be entered by other users, and is left so because ")
    assert lines[2] == "done"


def test_the_units_keep_what_they_make_private() -> None:
    units = list((ROOT / "deploy" / "systemd").glob("*.service"))
    assert units
    for unit in units:
        assert {"UMask=0077", "StateDirectoryMode=0700"} <= set(unit.read_text().splitlines()), unit
