"""Channel layers tuned for many small groups.

`LocalLayer` serves one process. Against Channels' own in-memory layer: no walk over all channels and groups for each
event (its cost grew with the number of connections: 1873 moves/s at 50 games, 700 at 500), no copy, no task and no
regular expression for each recipient, and no silent loss: a channel that doesn't keep up is told that it missed
something. Stock layers keep working in its place: `games.layers.process_layer`.
"""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from channels.layers import BaseChannelLayer

from games.layers.messages import MISSED, Message

TakeAtOnce = Callable[[Message], bool]
"""Handles a message without waiting, or says that it can't and lets it be queued."""


class Inbox:
    """The messages that wait for one channel, bounded.

    Args:
        capacity: how many may wait.
        loop: the event loop of whoever receives.
    """

    __slots__ = ("_capacity", "_is_handling", "_loop", "_messages", "_waiter", "dropped", "take_at_once")

    def __init__(self, capacity: int, loop: asyncio.AbstractEventLoop) -> None:
        self._capacity = capacity
        self._loop = loop
        self._messages: deque[Message] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_handling = True
        self.dropped = 0
        self.take_at_once: TakeAtOnce | None = None

    def put(self, message: Message, loop: asyncio.AbstractEventLoop | None) -> None:
        """Add a message; when too many wait, drop them all and leave `MISSED` in their place.

        While its receiver is idle it is offered the message first: what it takes at once needs no task to wake.

        Args:
            message: for the receiver.
            loop: what runs in the calling thread; from any but the receiver's own the message is added a little later.
        """
        if loop is not self._loop:
            self._loop.call_soon_threadsafe(self.put, message, self._loop)
            return
        if (
            self.take_at_once is not None
            and not self._messages
            and not self._is_handling
            and self.take_at_once(message)
        ):
            return
        if len(self._messages) >= self._capacity:
            self.dropped += len(self._messages)
            self._messages.clear()
            self._messages.append(MISSED)
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def belongs_to(self, loop: asyncio.AbstractEventLoop | None) -> bool:
        """Whether its receiver runs on this loop."""
        return self._loop is loop

    async def get(self) -> Message:
        """The oldest message, once there is one. The receiver counts as busy with it until it asks for the next."""
        self._is_handling = False
        while not self._messages:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._is_handling = True
        return self._messages.popleft()


class LocalLayer(BaseChannelLayer):  # type: ignore[misc]  # Channels comes without types
    """A channel layer within one process: messages are shared, not copied, and must not be changed.

    Args:
        capacity: how many messages may wait for one channel.
    """

    extensions: ClassVar[list[str]] = ["groups", "flush"]

    def __init__(self, capacity: int = 100, **_: Any) -> None:
        super().__init__(capacity=capacity)
        self._inboxes: dict[str, Inbox] = {}
        self._groups: dict[str, dict[str, Inbox]] = {}
        self._numbers = itertools.count(1)
        self._prefix = secrets.token_hex(6)
        self._dropped_before = 0

    @property
    def dropped(self) -> int:
        """How many messages were dropped because their channel didn't keep up."""
        return self._dropped_before + sum(inbox.dropped for inbox in self._inboxes.values())

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name for a channel of this process, with its inbox."""
        channel = f"{prefix}.{self._prefix}!{next(self._numbers)}"
        self._inbox(channel)
        return channel

    def forget_channel(self, channel: str) -> None:
        """Drop a channel that nobody will receive from again."""
        inbox = self._inboxes.pop(channel, None)
        if inbox is not None:
            self._dropped_before += inbox.dropped

    def attach(self, channel: str, take_at_once: TakeAtOnce) -> None:
        """Offer each message for a channel to its receiver before it is queued.

        Args:
            channel: whose receiver calls `receive` in a loop.
            take_at_once: called on the receiver's loop, in the order of the messages.
        """
        self._inbox(channel).take_at_once = take_at_once

    async def send(self, channel: str, message: Message) -> None:
        """Put a message into one channel."""
        self._inbox(channel).put(message, asyncio.get_running_loop())

    async def receive(self, channel: str) -> Message:
        """The next message of a channel."""
        return await self._inbox(channel).get()

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel hear what is sent to a group."""
        self._groups.setdefault(group, {})[channel] = self._inbox(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """The opposite of `group_add`."""
        members = self._groups.get(group)
        if members is not None:
            members.pop(channel, None)
            if not members:
                del self._groups[group]

    async def group_send(self, group: str, message: Message) -> None:
        """Send to every channel of a group."""
        self.publish(group, message)

    def publish(self, group: str, message: Message) -> None:
        """Send to every channel of a group, at once and without waiting."""
        members = self._groups.get(group)
        if members:
            loop = _running_loop()
            for inbox in tuple(members.values()):
                inbox.put(message, loop)

    def publish_here(self, group: str, message: Message) -> None:
        """`publish` to this process alone."""
        LocalLayer.publish(self, group, message)

    async def flush(self) -> None:
        """Forget everything."""
        self._inboxes.clear()
        self._groups.clear()

    async def close(self) -> None:
        """Nothing to close."""

    # --- of a layer that is shared, see `games.layers.process_layer` ----------------------------------------------

    @property
    def process(self) -> str | None:
        """No other process shares it."""
        return None

    @property
    def may_be_shared(self) -> bool:
        """Nobody else hears it."""
        return False

    @property
    def is_up(self) -> bool:
        """Nothing of it can be away."""
        return True

    @property
    def unsent(self) -> int:
        """Nothing waits to be sent."""
        return 0

    async def answers(self) -> bool:
        """Play goes on."""
        return True

    def publish_elsewhere(self, group: str, message: Message) -> None:
        """There is nobody elsewhere."""

    def attend(self, heard: Callable[[str, Message], bool], renewed: Callable[[frozenset[str]], None]) -> None:
        """There is nothing to be told."""

    async def drain(self) -> None:
        """Nothing waits."""

    def _inbox(self, channel: str) -> Inbox:
        inbox = self._inboxes.get(channel)
        if inbox is None:
            inbox = self._inboxes[channel] = Inbox(self.capacity, asyncio.get_running_loop())
        return inbox


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
