"""People with sessions, and a table for their connections to one game."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from games.access import families
from games.models import Game, Player
from tests.support.servers import ServerProcess
from tests.support.stored_games import player
from tests.support.wire import Client, sign_in

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


def person(name: str) -> Person:
    someone = player(name)
    return Person(someone, sign_in(someone.user))


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


@asynccontextmanager
async def play_going_on(server: ServerProcess, game: Game, alice: Person, bob: Person) -> AsyncIterator[list[float]]:
    """Alice and Bob play meanwhile; the seconds that each of their moves takes."""
    took: list[float] = []
    over = asyncio.Event()

    async def play() -> None:
        loop = asyncio.get_running_loop()
        async with alice.at(server, game) as first, bob.at(server, game) as second:
            for ply in range(1, 43):
                began = loop.time()
                column = (0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0)[(ply - 1) % 12] + (ply - 1) // 12 * 2
                event = await (first if ply % 2 else second).play(column, ply)
                took.append(loop.time() - began)
                if over.is_set() or event["type"] == "error" or event["outcome"]:
                    return
                await asyncio.sleep(0.02)

    playing = asyncio.create_task(play())
    yield took
    over.set()
    await playing


def token_of(someone: Person) -> str:
    assert someone.player is not None
    return str(families.begin(someone.player.user).access_token)
