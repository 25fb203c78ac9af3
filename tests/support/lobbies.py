"""Listeners of the lobby's hub, and people who do something that they hear of."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from games.game.commands import Join
from games.game.new_game import Terms
from games.game.people import Participant
from games.protocol import PlayMove, Visibility
from games.runtime import Runtime
from lobby.live_list.hub import Hub
from lobby.live_list.listener import Listener
from lobby.models import User
from tests.support.site import is_about

WITHIN = 20.0
"""Seconds that a test waits for what must come."""

Message = dict[str, Any]


def in_a_loop(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a story in an event loop of its own, and close the runtime after it."""

    async def tell() -> None:
        async with Runtime.opened(), asyncio.timeout(60):
            await story()

    asyncio.run(tell())


@asynccontextmanager
async def listening(user: User | None) -> AsyncIterator[Listener]:
    """A listener that has had its first snapshot."""
    hub = Hub.here()
    listener = hub.join(user and user.pk)
    try:
        await hub.admit(listener)
        assert (await heard(listener))["type"] == "lobby_snapshot"
        yield listener
    finally:
        listener.leave()


async def heard(listener: Listener, *types: str) -> Message:
    """The next message of one of these types; any but the counts and the featured game, where none is named."""
    async with asyncio.timeout(WITHIN):
        while True:
            message: Message = json.loads(await listener.next())
            if message["type"] in types or (not types and message["type"] not in ("counts", "featured")):
                return message


async def told(function: Callable[..., Any], *args: Any) -> Any:
    """Change or read the store behind everybody's back, in a reader's thread."""
    return await Runtime.here().reader.ask(function, *args)


async def create(user: User, visibility: Visibility = Visibility.PUBLIC) -> str:
    """A new game of somebody who is about; its ID."""
    await told(is_about, user)
    return (await Runtime.here().registry.create(Participant(user.pk, user.username), Terms(visibility))).id


async def join(user: User, game_id: str) -> None:
    await Runtime.here().registry.run(game_id, user.pk, Join(Participant(user.pk, user.username)))


async def play(user: User, game_id: str, column: int, ply: int) -> None:
    await Runtime.here().registry.run(game_id, user.pk, PlayMove(column=column, ply=ply))
