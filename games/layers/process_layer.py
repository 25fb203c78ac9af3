"""What the site needs of a channel layer: ours have it, and stock ones get it by an adapter.

Channels' own interface makes whoever sends wait, and says nothing of the processes on the other side.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

from channels.layers import get_channel_layer

from games.layers.local import LocalLayer, TakeAtOnce
from games.layers.messages import Message
from games.logs import reason_of

log = logging.getLogger("fourline.broadcast")

MAX_UNSENT: Final = 10_000
"""Messages that may wait for a layer that must be awaited; more are dropped, and noticed by their versions."""
ANSWER_WITHIN: Final = 2.0
"""Seconds in which a stock layer has to answer."""
DRAIN_WITHIN: Final = 1.0
"""Seconds for sending what waits at the end."""

Heard = Callable[[str, Message], bool]
Renewed = Callable[[frozenset[str]], None]


class ProcessLayer(Protocol):
    """A channel layer as one event loop uses it."""

    @property
    def process(self) -> str | None:
        """Our name among the processes that share the layer; None where it is not shared, or not known to be."""

    @property
    def may_be_shared(self) -> bool:
        """Whether other processes may hear what is published."""

    @property
    def is_up(self) -> bool:
        """Whether other processes are heard, as far as it can tell."""

    @property
    def dropped(self) -> int:
        """How many messages were dropped because their channel didn't keep up."""

    @property
    def unsent(self) -> int:
        """How many messages were dropped because the layer was away or didn't keep up."""

    async def answers(self) -> bool:
        """Whether play can go on with it."""

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name for a channel of this process."""

    def forget_channel(self, channel: str) -> None:
        """Nobody will receive from a channel again."""

    def attach(self, channel: str, take_at_once: TakeAtOnce) -> None:
        """Offer each message for a channel to its receiver before it is queued, where the layer can."""

    async def receive(self, channel: str) -> Message:
        """The next message of a channel."""

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel hear what is sent to a group."""

    async def group_discard(self, group: str, channel: str) -> None:
        """The opposite of `group_add`."""

    def publish(self, group: str, message: Message) -> None:
        """Send to every channel of a group without waiting; messages keep their order."""

    def publish_here(self, group: str, message: Message) -> None:
        """`publish` to this process alone, where the layer can tell."""

    def publish_elsewhere(self, group: str, message: Message) -> None:
        """`publish` to all other processes; to nobody where the layer isn't known to be shared."""

    def attend(self, heard: Heard, renewed: Renewed) -> None:
        """Have the process told of what concerns it, where the layer is shared; see `RedisLayer.attend`."""

    async def drain(self) -> None:
        """Send what waits, as far as the layer takes it."""


def process_layer() -> ProcessLayer:
    """The site's layer, for the running event loop."""
    layer = get_channel_layer()
    return layer if isinstance(layer, LocalLayer) else StockLayer(layer)


class StockLayer:
    """Channels' in-memory layer, the one of channels-redis, or another, in place of ours.

    Args:
        layer: has what Channels asks of a layer with groups.
    """

    process = None
    may_be_shared = True
    is_up = True
    dropped = 0

    def __init__(self, layer: Any) -> None:  # these come without types
        self._layer = layer
        self._unsent: asyncio.Queue[tuple[str, Message]] = asyncio.Queue(MAX_UNSENT)
        self._sender: asyncio.Task[None] | None = None
        self.unsent = 0

    async def answers(self) -> bool:
        """Whether a message sent to a channel of ours comes back: without it nothing goes on."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                channel = await self._layer.new_channel()
                await self._layer.send(channel, {"type": "readyz"})
                await self._layer.receive(channel)
        except Exception as error:  # A layer raises what its library raises; none of it means ready.
            log.warning("the channel layer does not answer: %s", reason_of(error))
            return False
        return True

    async def new_channel(self, prefix: str = "specific") -> str:
        """A name for a channel of this process."""
        return str(await self._layer.new_channel(prefix))

    def forget_channel(self, channel: str) -> None:
        """It forgets by itself."""

    def attach(self, channel: str, take_at_once: TakeAtOnce) -> None:
        """It can't."""

    async def receive(self, channel: str) -> Message:
        """The next message of a channel."""
        message: Message = await self._layer.receive(channel)
        return message

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel hear what is sent to a group."""
        await self._layer.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """The opposite of `group_add`."""
        await self._layer.group_discard(group, channel)

    def publish(self, group: str, message: Message) -> None:
        """Send to every channel of a group, in the background and in order."""
        try:
            self._unsent.put_nowait((group, message))
        except asyncio.QueueFull:
            self.unsent += 1
            return
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    def publish_here(self, group: str, message: Message) -> None:
        """It can't tell who is here: everybody."""
        self.publish(group, message)

    def publish_elsewhere(self, group: str, message: Message) -> None:
        """It can't tell who is elsewhere: nobody."""

    def attend(self, heard: Heard, renewed: Renewed) -> None:
        """It tells nothing of others."""

    async def drain(self) -> None:
        """Send what waits, as far as the layer takes it."""
        if self._sender is not None:
            await asyncio.wait([self._sender], timeout=DRAIN_WITHIN)
            self._sender.cancel()

    async def _send_all(self) -> None:
        while not self._unsent.empty():
            group, message = self._unsent.get_nowait()
            try:
                await self._layer.group_send(group, message)
            except Exception as error:  # A layer raises what its library raises; an announcement may be lost.
                self.unsent += 1
                log.warning("an announcement was lost: %s", reason_of(error))
