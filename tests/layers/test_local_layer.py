"""The layer of one process: order, bounds, groups, threads, and nothing left behind."""

import asyncio
import threading

from games.layers.local import LocalLayer
from games.layers.messages import MISSED
from tests.support.stories import story


async def received(layer: LocalLayer, channel: str, count: int) -> list:
    """The next messages of a channel."""
    async with asyncio.timeout(5):
        return [await layer.receive(channel) for _ in range(count)]


@story
async def test_a_group_hears_everything_in_order_up_to_the_capacity() -> None:
    layer = LocalLayer(capacity=500)
    channels = [await layer.new_channel() for _ in range(3)]
    for channel in channels:
        await layer.group_add("game.A9F3QX", channel)
    sent = [{"type": "game.event", "version": version} for version in range(500)]
    for message in sent:
        await layer.group_send("game.A9F3QX", message)
    for channel in channels:
        assert await received(layer, channel, 500) == sent
    assert layer.dropped == 0


@story
async def test_who_does_not_keep_up_is_told_that_something_was_missed() -> None:
    layer = LocalLayer(capacity=10)
    slow, quick = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("g", slow)
    await layer.group_add("g", quick)
    for version in range(25):
        layer.publish("g", {"type": "game.event", "version": version})
        assert (await layer.receive(quick))["version"] == version
    left = await received(layer, slow, 7)
    assert left[0] is MISSED
    assert [message["version"] for message in left[1:]] == [19, 20, 21, 22, 23, 24]
    assert layer.dropped == 20  # nineteen messages, and the first note that some were missed
    layer.publish("g", {"type": "game.event", "version": 25})
    assert (await layer.receive(slow))["version"] == 25


@story
async def test_memory_is_bounded_for_a_channel_that_nobody_reads() -> None:
    layer = LocalLayer(capacity=10)
    channel = await layer.new_channel()
    await layer.group_add("g", channel)
    for _ in range(10_000):
        layer.publish("g", {"type": "game.event"})
    assert len(layer._inboxes[channel]._messages) <= 11


@story
async def test_who_left_a_group_hears_no_more() -> None:
    layer = LocalLayer()
    stays, leaves = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("g", stays)
    await layer.group_add("g", leaves)
    await layer.group_discard("g", leaves)
    await layer.group_discard("g", "a channel that never was")
    await layer.group_discard("another group", leaves)
    await layer.group_send("g", {"type": "first"})
    await layer.group_send("nobody's", {"type": "lost"})
    await layer.send(leaves, {"type": "second"})
    assert (await layer.receive(stays))["type"] == "first"
    assert (await layer.receive(leaves))["type"] == "second"


@story
async def test_nothing_is_left_of_a_channel_that_is_forgotten() -> None:
    layer = LocalLayer(capacity=1)
    for _ in range(100):
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        layer.publish("g", {"type": "a"})
        layer.publish("g", {"type": "b"})
        await layer.group_discard("g", channel)
        layer.forget_channel(channel)
        layer.forget_channel(channel)
    assert not layer._inboxes
    assert not layer._groups
    assert layer.dropped == 100


@story
async def test_a_receiver_that_is_cancelled_loses_no_message() -> None:
    layer = LocalLayer()
    channel = await layer.new_channel()
    for _ in range(3):
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await layer.send(channel, {"type": "kept"})
    assert (await received(layer, channel, 1))[0]["type"] == "kept"


@story
async def test_messages_come_from_other_threads_and_other_loops() -> None:
    layer = LocalLayer()
    channel = await layer.new_channel()
    await layer.group_add("g", channel)

    async def elsewhere() -> None:
        await layer.group_send("g", {"type": "by a loop"})
        await layer.send(channel, {"type": "by a loop, alone"})

    def speak() -> None:
        layer.publish("g", {"type": "by a thread"})
        asyncio.run(elsewhere())

    thread = threading.Thread(target=speak)
    thread.start()
    heard = await received(layer, channel, 3)
    await asyncio.to_thread(thread.join)
    assert [message["type"] for message in heard] == ["by a thread", "by a loop", "by a loop, alone"]
