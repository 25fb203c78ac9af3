"""A connection's ears, without a connection."""

import asyncio
from typing import Any

import pytest
from channels.layers import get_channel_layer

from games.layers.broadcast import group_of
from games.models import Game
from games.protocol import ErrorCode, GameError
from games.registry.registry import Registry
from tests.support.stories import until


class Audience:
    """A connection's ears: listens to a game's group and keeps the game live."""

    def __init__(self, registry: Registry, game: Game) -> None:
        self.heard: list[dict[str, Any]] = []
        self._registry, self._game = registry, game

    async def __aenter__(self) -> "Audience":
        layer = get_channel_layer()
        self._channel = await layer.new_channel()
        self.entry = self._registry.live_games.subscribe(self._game.pk)
        await layer.group_add(group_of(self._game.pk), self._channel)
        self._registry.live_games.listening(self.entry)
        await self._registry.view(self._game.pk)
        self._listening = asyncio.create_task(self._listen(layer))
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._listening.cancel()
        self._registry.live_games.unsubscribe(self.entry)
        layer = get_channel_layer()
        await layer.group_discard(group_of(self._game.pk), self._channel)
        layer.forget_channel(self._channel)

    async def _listen(self, layer: Any) -> None:
        while True:
            self.heard.append(await layer.receive(self._channel))

    async def hears(self, *versions: int) -> None:
        """Wait until exactly these versions were announced, in this order."""
        await until(lambda: len(self.heard) >= len(versions))
        assert [message["version"] for message in self.heard] == list(versions)


async def refused(work: Any) -> ErrorCode:
    """The code by which something is refused."""
    with pytest.raises(GameError) as caught:
        await work
    return caught.value.code
