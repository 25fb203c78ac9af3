"""The channel layer that processes share: `LocalLayer` within a process, Redis or Valkey's publishing between them.

What is published reaches this process's own channels at once, and the others through a bounded queue in the
background: nobody who publishes ever waits for Redis, and everything works on while it is away, but for what other
processes say. They subscribe once a group, whatever the number of its members, and decode a message once. Deliveries
are hints; `attend` says when some may have been missed.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

import msgspec

from games.layers.local import LocalLayer
from games.layers.messages import Message
from games.layers.redis_shard import Shard
from games.logs import reason_of

log = logging.getLogger("fourline.layer")

CLOSE_WITHIN = 1.0
"""Seconds for sending what waits at the end."""

Heard = Callable[[str, Message], bool]
Renewed = Callable[[frozenset[str]], None]


@dataclass(slots=True)
class _Link:
    """What one event loop has of the shared layer."""

    shards: list[Shard] = field(default_factory=list)
    heard: Heard | None = None
    renewed: Renewed | None = None

    def shard_of(self, group: str) -> Shard:
        """The server that carries a group."""
        return self.shards[zlib.crc32(group.encode()) % len(self.shards)]


class RedisLayer(LocalLayer):
    """A channel layer over Redis or Valkey. Messages hold what JSON can hold.

    Args:
        urls: of the servers; several share the groups between them. The same list, in the same order, everywhere.
        capacity: how many messages may wait for one channel.
    """

    def __init__(self, urls: list[str], capacity: int = 100, **_: Any) -> None:
        super().__init__(capacity=capacity)
        self._urls = list(urls)
        self._links: WeakKeyDictionary[asyncio.AbstractEventLoop, _Link] = WeakKeyDictionary()
        self._signature = self._prefix.encode()

    @property
    def process(self) -> str | None:
        """What tells this process's messages from those of others."""
        return self._prefix

    @property
    def may_be_shared(self) -> bool:
        """Other processes hear it."""
        return True

    @property
    def is_up(self) -> bool:
        """Whether every group of the running loop is heard at every server."""
        return all(shard.is_up for shard in self._link().shards)

    @property
    def unsent(self) -> int:
        """How many messages were dropped because a server was away or did not keep up."""
        return sum(shard.dropped for link in self._links.values() for shard in link.shards)

    def attend(self, heard: Heard, renewed: Renewed) -> None:
        """Have the running loop told of what concerns the process, not a channel.

        Args:
            heard: called once with each group and message from elsewhere, before its channels get it; what it returns
                true for they don't get.
            renewed: called with the groups that may have missed messages, once they are heard (again).
        """
        link = self._link()
        link.heard, link.renewed = heard, renewed

    def publish(self, group: str, message: Message) -> None:
        """Send to every channel of a group: of this process at once, of others soon. On an event loop only."""
        self.publish_elsewhere(group, message)  # queued; before our own connections add their frame to the message
        super().publish(group, message)

    def publish_elsewhere(self, group: str, message: Message) -> None:
        """Send to the group's channels of all other processes, without waiting."""
        payload = self._signature + msgspec.msgpack.encode(message)
        self._link().shard_of(group).publish(group, payload)

    async def send(self, channel: str, message: Message) -> None:
        """Put a message into one channel of this process.

        Raises:
            ValueError: it is another's: one sends to groups here.
        """
        if f".{self._prefix}!" not in channel:
            raise ValueError(f"{channel!r} is no channel of this process")
        await super().send(channel, message)

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel hear what is sent to a group.

        Returns when the group is heard, or the server is known to be away, or after half a second.
        """
        is_new = channel not in self._groups.get(group, ())
        await super().group_add(group, channel)
        shard = self._link().shard_of(group)
        if is_new:
            shard.subscribe(group)
        await shard.subscribed(group)

    async def group_discard(self, group: str, channel: str) -> None:
        """The opposite of `group_add`."""
        was_there = channel in self._groups.get(group, ())
        await super().group_discard(group, channel)
        link = self._links.get(asyncio.get_running_loop())
        if was_there and link is not None:
            link.shard_of(group).unsubscribe(group)

    async def drain(self) -> None:
        """Send what waits and disconnect the running loop; using the layer connects it again."""
        link = self._links.pop(asyncio.get_running_loop(), None)
        if link is not None:
            await asyncio.gather(*(shard.close(CLOSE_WITHIN) for shard in link.shards))

    close = drain

    def _link(self) -> _Link:
        loop = asyncio.get_running_loop()
        link = self._links.get(loop)
        if link is None:
            link = self._links[loop] = self._make_link(loop)
        return link

    def _make_link(self, loop: asyncio.AbstractEventLoop) -> _Link:
        link = _Link()

        def take(group: str, payload: bytes) -> None:
            if not payload.startswith(self._signature):
                self._take(link, loop, group, payload)

        def renewed(groups: frozenset[str]) -> None:
            if link.renewed is not None and groups:
                link.renewed(groups)

        link.shards = [Shard(url, take, renewed) for url in self._urls]
        for shard in link.shards:
            shard.start()
        return link

    def _take(self, link: _Link, loop: asyncio.AbstractEventLoop, group: str, payload: bytes) -> None:
        """A message of another process: decoded once, shared by all that hear it."""
        try:
            message = cast(Message, msgspec.msgpack.decode(payload[len(self._signature) :], type=dict))
            if link.heard is not None and link.heard(group, message):
                return
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            log.warning("not a message of ours in group %s: %s", group, reason_of(error))
            return
        for inbox in tuple(self._groups.get(group, {}).values()):
            if inbox.belongs_to(loop):
                inbox.put(message, loop)
