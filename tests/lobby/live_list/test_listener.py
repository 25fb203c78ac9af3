"""One open lobby that reads slowly, or not at all."""

import asyncio
from collections.abc import Callable

import pytest

from games import protocol
from games.protocol import LobbySnapshot, Sync
from lobby.live_list import listener as listener_module
from lobby.live_list.listener import MAX_FRAMES, Listener


class OneHub:
    """The part of a hub that a listener sees; counts the snapshots that it makes."""

    def __init__(self) -> None:
        self.snapshots = 0
        self.flushes = 0
        self.has_left = False

    def snapshot(self, player_id: int | None, has_lists: bool = True) -> LobbySnapshot:
        self.snapshots += 1
        return LobbySnapshot(waiting=[], playing=[], mine=[], waiting_count=0, playing_count=self.snapshots)

    def snapshot_text(self, player_id: int | None, has_lists: bool = True) -> str:
        return protocol.encode(self.snapshot(player_id))

    def leave(self, listener: Listener) -> None:
        self.has_left = True


def with_listener(story: Callable[[OneHub, Listener], object]) -> None:
    """Run a story with an open listener that has had its first snapshot."""

    async def tell() -> None:
        hub = OneHub()
        listener = Listener(hub, None)  # type: ignore[arg-type]  # as much of a hub as it needs
        listener.open()
        assert await listener.next() == snapshot(1)
        async with asyncio.timeout(20):
            await story(hub, listener)  # type: ignore[misc]  # a coroutine
        listener.leave()
        assert hub.has_left

    asyncio.run(tell())


def snapshot(number: int) -> str:
    return protocol.encode(LobbySnapshot(waiting=[], playing=[], mine=[], waiting_count=0, playing_count=number))


def test_frames_come_in_their_order() -> None:
    async def story(hub: OneHub, listener: Listener) -> None:
        listener.put(["a", "b"], 1)
        listener.put([], 1)
        listener.put(["c"], 1)
        assert [await listener.next() for _ in "abc"] == ["a", "b", "c"]

    with_listener(story)


def test_waits_for_what_comes() -> None:
    async def story(hub: OneHub, listener: Listener) -> None:
        asyncio.get_running_loop().call_soon(listener.put, ["a"], 1)
        assert await listener.next() == "a"

    with_listener(story)


def test_a_slow_reader_gets_a_snapshot_in_place_of_too_many_frames() -> None:
    async def story(hub: OneHub, listener: Listener) -> None:
        listener.put(["x"] * MAX_FRAMES, 1)
        listener.put(["one too many"], 1)
        listener.put(["told by the snapshot"], 1)
        assert await listener.next() == snapshot(2)
        listener.put(["after it"], 1)
        assert await listener.next() == "after it"

    with_listener(story)


def test_nothing_is_kept_for_a_listener_that_is_not_open() -> None:
    async def story() -> None:
        listener = Listener(OneHub(), None)  # type: ignore[arg-type]  # as much of a hub as it needs
        listener.put(["too early"], 1)
        listener.open()
        assert await listener.next() == snapshot(1)
        listener.leave()

    asyncio.run(story())


def test_every_sync_is_answered_though_more_snapshots_are_due() -> None:
    async def story(hub: OneHub, listener: Listener) -> None:
        listener.put(["superseded"], 1)
        listener.ask(Sync(id=1))
        listener.ask(Sync(id=2))
        listener.ask(Sync())
        answers = [await listener.next() for _ in range(3)]
        assert ['"id":1' in answers[0], '"id":2' in answers[1], '"id"' in answers[2]] == [True, True, False]
        listener.put(["after them"], 1)
        assert await listener.next() == "after them"

    with_listener(story)


def test_what_a_snapshot_told_is_not_told_again() -> None:
    async def story(hub: OneHub, listener: Listener) -> None:
        hub.flushes = 5
        listener.ask(Sync())
        await listener.next()
        listener.put(["handed out late"], 5)
        listener.put(["news"], 6)
        assert await listener.next() == "news"

    with_listener(story)


def test_the_snapshot_comes_again_after_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "SNAPSHOT_INTERVAL", 0.05)

    async def story(hub: OneHub, listener: Listener) -> None:
        for number in (2, 3, 4):
            assert await listener.next() == snapshot(number)

    with_listener(story)
