"""A layer that loses a fifth of all announcements and delivers others late, for each listener on its own."""

import asyncio
import random
from typing import Any

from games.layers.local import Inbox, LocalLayer
from games.layers.messages import Message

LOST = 0.2
LATE = 0.2


class LossyLayer(LocalLayer):
    """Set it with ``CHANNEL_LAYER=tests.faults.layers.LossyLayer``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._late: dict[int, list[Message]] = {}

    def publish(self, group: str, message: Message) -> None:
        """Send to each of a group: now, after the next one, or not at all."""
        loop = asyncio.get_running_loop()
        for inbox in tuple(self._groups.get(group, {}).values()):
            chance = random.random()
            if chance < LOST:
                continue
            if chance < LOST + LATE:
                self._late.setdefault(id(inbox), []).append(message)
                continue
            inbox.put(message, loop)
            self._deliver_late_ones(inbox, loop)

    publish_here = publish

    def forget_channel(self, channel: str) -> None:
        """Drop a channel, and what it was to get later."""
        self._late.pop(id(self._inboxes.get(channel)), None)
        super().forget_channel(channel)

    def _deliver_late_ones(self, inbox: Inbox, loop: asyncio.AbstractEventLoop) -> None:
        for message in self._late.pop(id(inbox), ()):
            inbox.put(message, loop)
