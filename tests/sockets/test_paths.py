"""Addresses where there is no socket."""

import pytest

from games.models import Game
from tests.hardening.conftest import exchange
from tests.servers import ServerProcess

HEADERS = ("Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["//ws/lobby/", "/ws/lobby//", "/ws//lobby/", "/ws/lobby", "//ws/games/{}/", "/ws//games/{}/",
     "/ws/games//{}/", "/ws/games/{}//", "/ws/games/{}", "/ws/games/{}/x/", "/%2fws/lobby/", "/ws%2flobby/x", "/ws/"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
def test_other_addresses_are_refused(request: pytest.FixtureRequest, game: Game, kind: str, path: str) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")
    answer = exchange(server.port, f"GET {path.format(game.pk)} HTTP/1.1\r\n{HEADERS}".encode(), within=2)
    assert answer.startswith(b"HTTP/1.1 403 "), answer
