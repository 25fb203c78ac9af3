"""Hears the lobby's group for one event loop, and goes on to after a layer has failed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from games.layers.broadcast import LOBBY_GROUP
from games.layers.messages import Message
from games.logs import reason_of
from games.runtime import Runtime

log = logging.getLogger("fourline.lobby")

RETRY_INTERVAL = 1.0
"""Seconds before listening again to a layer that failed."""


async def hear_for_ever(take: Callable[[Message], None], subscribed: asyncio.Future[None]) -> None:
    """Take every message of the group.

    Args:
        take: called with each.
        subscribed: settled when messages are heard.
    """
    while True:
        try:
            await _hear(take, subscribed)
        except Exception as error:  # A layer raises what its library raises. Until it is back, reading serves.
            log.warning("the lobby hears nothing: %s", reason_of(error))
            await asyncio.sleep(RETRY_INTERVAL)


async def _hear(take: Callable[[Message], None], subscribed: asyncio.Future[None]) -> None:
    layer = Runtime.here().broadcast.layer
    channel = await layer.new_channel("lobby")
    try:
        await layer.group_add(LOBBY_GROUP, channel)
        if not subscribed.done():
            subscribed.set_result(None)
        while True:
            take(await layer.receive(channel))
    finally:
        with contextlib.suppress(Exception):  # on the way out; the layer may be what failed
            await layer.group_discard(LOBBY_GROUP, channel)
        layer.forget_channel(channel)
