"""The cast, each with a session; a table for them to play at; and pages to press buttons on."""

import asyncio
import http.client
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from games.models import Game, Player
from tests.servers import ServerProcess
from tests.stored_games import player, store_game
from tests.wire import Client, sign_in

CSRF = "c" * 32


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in; or nobody, without a player."""

    player: Player | None = None
    session: str | None = None

    def at(self, server: ServerProcess, game: Game | str, **options: Any) -> Client:
        """This person's connection to a game, to be entered."""
        game_id = game if isinstance(game, str) else game.pk
        return Client(server.ws_url, f"/ws/games/{game_id}/", self.session, **options)

    def post(self, server: ServerProcess, path: str) -> int:
        """Press a button of a page; the status of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            cookies = f"sessionid={self.session}; csrftoken={CSRF}"
            connection.request("POST", path, headers={"Cookie": cookies, "X-CSRFToken": CSRF, "Content-Length": "0"})
            return connection.getresponse().status
        finally:
            connection.close()

    async def join(self, server: ServerProcess, game: Game) -> None:
        """Take seat 2 through the invite page."""
        status = await asyncio.to_thread(self.post, server, f"/join/{game.pk}/")
        assert status == 302


def _person(name: str) -> Person:
    someone = player(name)
    return Person(someone, sign_in(someone.user))


@pytest.fixture
def alice(transactional_db: None) -> Person:
    return _person("alice")


@pytest.fixture
def bob(transactional_db: None) -> Person:
    return _person("bob")


@pytest.fixture
def charlie(transactional_db: None) -> Person:
    return _person("charlie")


@pytest.fixture
def dora(transactional_db: None) -> Person:
    return _person("dora")


@pytest.fixture
def nobody() -> Person:
    return Person()


@pytest.fixture
def game(alice: Person, bob: Person) -> Game:
    """In progress, no disc yet; Alice moves first."""
    return store_game(alice.player, bob.player)


@pytest.fixture
def waiting_game(alice: Person) -> Game:
    """Alice's, without a participant 2."""
    return store_game(alice.player, None)


@pytest.fixture
def lone_server(uvicorn_server: ServerProcess, transactional_db: None) -> ServerProcess:
    """uvicorn alone, for what doesn't depend on the server."""
    return uvicorn_server


class Table:
    """Open connections of a test, each past its first snapshot and presence; closed when the test leaves it."""

    def __init__(self, server: ServerProcess, game: Game) -> None:
        self._server = server
        self._game = game
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Table":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self._stack.aclose()

    async def seat(self, person: Person) -> Client:
        """Connect somebody."""
        client = await self._stack.enter_async_context(person.at(self._server, self._game))
        await client.hear("snapshot")
        await client.hear("presence")
        return client
