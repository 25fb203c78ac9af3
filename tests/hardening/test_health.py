"""``/healthz``, ``/readyz``, ``/metrics``, as a probe and as a stranger ask for them."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from games.models import Game
from tests.consumers.conftest import Person
from tests.servers import ServerProcess
from tests.stories import story


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "anything.example"])
def test_a_probe_may_call_the_host_what_it_likes(transactional_db: None, path: str, host: str) -> None:
    answer = Client().get(path, headers={"Host": host})
    assert answer.status_code == 200
    assert not answer.cookies
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200


def test_not_ready_without_the_database(transactional_db: None) -> None:
    with patch("games.health._ask_database", side_effect=OperationalError("gone")):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"no answer: database\n")
    assert Client().get("/healthz").status_code == 200


def test_not_ready_without_the_channel_layer(transactional_db: None) -> None:
    with patch("games.health.get_channel_layer") as layer:
        layer.return_value.check.side_effect = ConnectionError("gone")
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"no answer: channel layer\n")


def test_not_ready_while_draining(transactional_db: None) -> None:
    with (
        patch("games.connections.Connections.is_draining", True, create=True),
        patch("games.health.Registry") as registry,
    ):
        registry.here.return_value.connections.is_draining = True
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"draining\n")


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "8.8.8.8"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_FORWARDED": "for=10.1.2.3"}, 403),
    ],
)
def test_metrics_are_for_direct_neighbours(transactional_db: None, extra: dict[str, str], status: int) -> None:
    assert Client().get("/metrics", **extra).status_code == status  # type: ignore[arg-type]  # META


def test_metrics_with_a_token(settings: LazySettings, transactional_db: None) -> None:
    settings.METRICS_TOKEN = "let me see"
    forwarded: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": "8.8.8.8"}
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer let me see", **forwarded).status_code == 200
    for given in ("Bearer wrong", "Bearer ", "let me see", "Bearer \u00e9"):
        assert Client().get("/metrics", HTTP_AUTHORIZATION=given).status_code == 403
    assert Client().get("/metrics").status_code == 403


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
