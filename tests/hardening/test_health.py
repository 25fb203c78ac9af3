"""``/healthz``, ``/readyz``, ``/metrics``, as a probe and as a stranger ask for them."""

import asyncio
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from games.models import Game
from games.runtime import Runtime
from games.storage.store_time import StoreTime
from tests.support.journals import locked_by_another_process
from tests.support.people import Person
from tests.support.servers import ServerProcess
from tests.support.stores import database, new_sqlite
from tests.support.stories import story


class Neighbour(AsyncClient):
    """A client that comes from an address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        scope: dict[str, Any] = super()._base_scope(**request)  # type: ignore[misc]  # Django's own way in
        return {**scope, "client": [self._address, 1234]}


def ask(path: str, method: str = "get", address: str = "127.0.0.1", **headers: str) -> HttpResponse:
    """The answer of a server to somebody at this address."""

    async def run() -> HttpResponse:
        async with Runtime.opened():
            answer: HttpResponse = await getattr(Neighbour(address), method)(path, headers=headers)
            return answer

    return asyncio.run(run())


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_call_the_host_what_it_likes(transactional_db: None, path: str) -> None:
    answer = ask(path, Host="10.1.2.3:8000")
    assert answer.status_code == 200
    assert not answer.cookies
    assert ask(path, "post").status_code == 405
    assert ask(path, "head", Host="anything.example").status_code == 200


def answer_of_readyz() -> tuple[int, bytes]:
    answer = ask("/readyz")
    return answer.status_code, answer.content


def test_not_ready_without_the_database(
    transactional_db: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with database(f"sqlite:///{tmp_path}/no folder/database.sqlite3"):
        assert answer_of_readyz() == (503, b"not ready: the database does not answer\n")
        assert ask("/healthz").status_code == 200
    assert "the database does not answer: unable to open database file" in caplog.messages
    assert answer_of_readyz() == (200, b"ready\n")


def test_not_ready_with_an_empty_database(transactional_db: None, tmp_path: Path) -> None:
    with database(f"sqlite:///{tmp_path}/empty.sqlite3"):
        assert answer_of_readyz() == (503, b"not ready: the database is not migrated\n")


@pytest.mark.parametrize("app", ["games", "lobby", "sessions"])
def test_not_ready_until_this_releases_last_migration_is_applied(
    transactional_db: None, tmp_path: Path, app: str
) -> None:
    last = max(name for of_app, name in MigrationLoader(None).graph.leaf_nodes() if of_app == app)
    with database(new_sqlite(tmp_path / "older.sqlite3")):
        MigrationRecorder(connection).record_applied("games", "9999_of_a_later_release")
        assert answer_of_readyz() == (200, b"ready\n")
        MigrationRecorder(connection).record_unapplied(app, last)
        assert answer_of_readyz() == (503, b"not ready: the database is not migrated\n")


def test_not_ready_while_nothing_can_be_written(transactional_db: None) -> None:
    with locked_by_another_process():
        assert answer_of_readyz() == (503, b"not ready: the journal does not write\n")
    assert answer_of_readyz() == (200, b"ready\n")


def test_not_ready_while_draining(transactional_db: None) -> None:
    async def drain_and_ask() -> tuple[int, bytes]:
        async with Runtime.opened() as runtime:
            runtime.connections.is_draining = True
            answer: HttpResponse = await Neighbour("127.0.0.1").get("/readyz")
            return answer.status_code, answer.content

    assert asyncio.run(drain_and_ask()) == (503, b"draining\n")


@story
async def test_many_probes_at_once_ask_the_store_once(transactional_db: None) -> None:
    async with Runtime.opened() as runtime:
        batches: list[int] = []
        runtime.journal.on_batch = lambda size, _: batches.append(size)
        answers = await asyncio.gather(*(Neighbour("127.0.0.1").get("/readyz") for _ in range(30)))
        assert {answer.status_code for answer in answers} == {200}
        assert batches == [1]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("8.8.8.8", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.1.2.3"}, 403),
        ("10.1.2.3", {"Forwarded": "for=10.1.2.3"}, 403),
    ],
)
def test_metrics_are_for_direct_neighbours(
    transactional_db: None, address: str, headers: dict[str, str], status: int
) -> None:
    assert ask("/metrics", address=address, **headers).status_code == status


def test_metrics_with_a_token(settings: LazySettings, transactional_db: None) -> None:
    settings.METRICS_TOKEN = "let me see"
    forwarded = {"X-Forwarded-For": "8.8.8.8"}
    assert ask("/metrics", Authorization="Bearer let me see", **forwarded).status_code == 200
    for given in ("Bearer wrong", "Bearer ", "let me see"):
        assert ask("/metrics", Authorization=given).status_code == 403
    assert ask("/metrics").status_code == 403


def figures(server: ServerProcess) -> dict[tuple[str, ...], float]:
    import urllib.request

    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


@story
async def test_metrics_count_what_happens(
    uvicorn_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    before = figures(uvicorn_server)
    async with alice.at(uvicorn_server, game) as first, bob.at(uvicorn_server, game) as second:
        for ply in range(1, 9):
            await (first if ply % 2 else second).play(ply % 7, ply)
        assert await first.refused("play_move", column=9, ply=9) == "no_such_column"
        await first.say("sync")
        await first.hear("snapshot")
        during = figures(uvicorn_server)
    gained = {name: value - before.get(name, 0.0) for name, value in during.items()}
    assert during["fourline_connections",] == 2
    assert during["fourline_live_games",] >= 1
    assert gained["fourline_moves_total",] == gained["fourline_changes_total", "move"] == 8
    assert gained["fourline_batch_size_sum",] == 8
    assert gained["fourline_commit_seconds_count",] >= 1
    assert gained["fourline_refusals_total", "no_such_column", "socket"] == 1
    assert gained["fourline_resyncs_total", "asked"] == 1
    assert gained["fourline_handshakes_total",] == 2
    assert gained["fourline_receipt_seconds_count",] >= 1
    assert not any(re.search("alice|bob", " ".join(name)) for name in during)


def test_pages_and_calls_are_counted_by_status_and_timed(uvicorn_server: ServerProcess) -> None:
    def figure(name: str, **labels: str) -> float:
        with urllib.request.urlopen(f"{uvicorn_server.url}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    before = figure("fourline_answers_total", way="page", status="2xx"), figure("fourline_answer_seconds_count")
    missing = figure("fourline_answers_total", way="api", status="4xx")
    assert uvicorn_server.get("/") == 200
    assert uvicorn_server.get("/static/css/base.css") == 200
    assert uvicorn_server.get("/api/games/000000/") == 404
    assert uvicorn_server.get("/healthz") == 200
    assert figure("fourline_answers_total", way="page", status="2xx") == before[0] + 1
    assert figure("fourline_answers_total", way="api", status="4xx") == missing + 1
    assert figure("fourline_answer_seconds_count") == before[1] + 2


def test_the_store_is_asked_whenever_somebody_looks_at_the_metrics(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody plays: no moves are no sign that moves could be stored."""

    def store_up() -> float:
        text = ask("/metrics").content.decode()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        return families["fourline_store_up"].samples[0].value

    assert store_up() == 1
    with database(f"sqlite:///{tmp_path / 'nowhere' / 'fourline.sqlite3'}"):
        assert store_up() == 0


@pytest.mark.parametrize(("offset", "status"), [(0.4, 200), (-0.4, 200), (0.6, 503), (-0.6, 503)])
@pytest.mark.django_db(transaction=True)
def test_a_clock_that_is_off_is_not_ready(monkeypatch: pytest.MonkeyPatch, offset: float, status: int) -> None:
    monkeypatch.setattr(StoreTime, "offset", offset)
    answer = ask("/readyz")
    assert answer.status_code == status
    assert (b"clock differs" in answer.content) == (status == 503)
    assert f"fourline_store_clock_offset_seconds {offset}".encode() in ask("/metrics").content
