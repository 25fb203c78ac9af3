"""Who plays on time is pinged by the server: often while it moves, and as rarely as anybody while it doesn't."""

import asyncio
from typing import Any

from django.utils import timezone
from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode

from tests.support.people import Person
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game
from tests.support.wire import Client


class Pinged(ClientConnection):
    """A connection that counts the pings which it answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pings = 0

    def process_event(self, event: Any) -> None:
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            self.pings += 1
        super().process_event(event)


def pings(client: Client) -> int:
    """How many a client has answered."""
    count: int = client.connection.pings  # type: ignore[attr-defined]  # it is a `Pinged`
    return count


def test_a_line_is_measured_while_somebody_moves_on_it(
    uvicorn_server: ServerProcess, alice: Person, bob: Person
) -> None:
    game = store_game(alice.player, bob.player, initial=600, increment=0, start_time=timezone.now())
    path = f"/ws/games/{game.pk}/"

    async def play() -> tuple[int, int]:
        options: dict[str, Any] = {"create_connection": Pinged, "ping_interval": None}
        first = Client(uvicorn_server.ws_url, path, alice.session, **options)
        second = Client(uvicorn_server.ws_url, path, bob.session, **options)
        async with first, second, asyncio.timeout(100):
            while pings(first) < 3:
                await first.play(3, 1)  # the same again and again
                await asyncio.sleep(0.2)
            counted = pings(first), pings(second)
            assert (await second.play(3, 2))["ply"] == 2  # nobody was cut off over it
            return counted

    of_first, of_second = asyncio.run(play())
    assert of_first > of_second > 0
