"""Addresses where there is no socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from games.models import Game
from tests.support.raw_requests import exchange
from tests.support.servers import ServerProcess, running

HEADERS = ("Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")  # fmt: skip


PATHS = ["//ws/lobby/", "/ws/lobby//", "/ws//lobby/", "/ws/lobby", "//ws/games/{}/", "/ws//games/{}/",
         "/ws/games//{}/", "/ws/games/{}//", "/ws/games/{}", "/ws/games/{}/x/", "/%2fws/lobby/", "/ws%2flobby/x",
         "/ws/"]  # fmt: skip
SLASHES = ["///ws/lobby/", "//host/ws/lobby/", "///ws/games/{}/"]
"""What autobahn takes for a host and a path before Daphne sees it; under Daphne's own command it remains so."""


@pytest.fixture(scope="module")
def run_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """``manage.py run`` on the test database."""
    with running("run", tmp_path_factory.mktemp("run"), DATABASE_URL=test_database_url) as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "path"),
    [*[(kind, path) for kind in ("uvicorn", "daphne", "run") for path in PATHS],
     *[(kind, path) for kind in ("uvicorn", "run") for path in SLASHES]],
)  # fmt: skip
def test_other_addresses_are_refused(request: pytest.FixtureRequest, game: Game, kind: str, path: str) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")
    answer = exchange(server.port, f"GET {path.format(game.pk)} HTTP/1.1\r\n{HEADERS}".encode(), within=2)
    assert answer.startswith(b"HTTP/1.1 403 "), answer
