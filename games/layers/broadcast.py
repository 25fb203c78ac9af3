"""Announcements: the names of all groups, and the one way into the channel layer.

A game's group is named after its ID, the lobby's is `LOBBY_GROUP`. Announcements keep their order. They are a hint,
never the truth: whoever misses one notices by the version.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from games.logs import reason_of

log = logging.getLogger("fourline.broadcast")

LOBBY_GROUP = "lobby"
PROCESSES_GROUP = "processes"
"""The group of all processes that share the layer."""
LOBBY_INTERVAL = 0.1
"""Seconds for which changed games are gathered before the lobbies are told of them."""

_GAME = "game."

MAX_UNSENT = 10_000
"""Announcements that may wait for a layer that must be awaited; more are dropped, and noticed by their versions."""


def group_of(game_id: str) -> str:
    """The group of everybody connected to a game."""
    return f"{_GAME}{game_id}"


def game_of(group: str) -> str | None:
    """The game that a group belongs to; None for another group."""
    return group.removeprefix(_GAME) if group.startswith(_GAME) else None


class Broadcast:
    """Announces for one event loop."""

    def __init__(self) -> None:
        self.layer: Any = get_channel_layer()
        self._publish = getattr(self.layer, "publish", None)
        self._publish_here = getattr(self.layer, "publish_here", None)
        self._publish_elsewhere = getattr(self.layer, "publish_elsewhere", None)
        self.process: str | None = getattr(self.layer, "process", None)
        """Our name among the processes that share the layer; None where it is not shared, or not known to be."""
        self._unsent: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(MAX_UNSENT)
        self._sender: asyncio.Task[None] | None = None
        self._changed: set[str] = set()
        self._moved: set[str] = set()
        self.dropped = 0

    @property
    def is_cut_off(self) -> bool:
        """Whether other processes can't be heard: the shared layer is away, as far as it can tell."""
        return not getattr(self.layer, "is_up", True)

    def announce(self, game_id: str, version: int | None, text: str) -> None:
        """Tell a game's group of an event.

        Args:
            game_id: canonical.
            version: the game's after the event; None for an event that isn't versioned.
            text: the event's frame, encoded once for everybody.
        """
        self.send(group_of(game_id), {"type": "game.event", "version": version, "text": text, "at": time.time()})

    def announce_here(self, game_id: str, version: int | None, text: str) -> None:
        """`announce` to this process's own connections: of a change that others hear of without us."""
        self.send_here(group_of(game_id), {"type": "game.event", "version": version, "text": text})

    def announce_attendance(self, game_id: str, counts: tuple[int, int, int], asks: bool) -> None:
        """Tell the other processes who is connected to a game here.

        Args:
            game_id: canonical.
            counts: spectators, connections of participant 1, of participant 2.
            asks: whether we want to know the same of them.
        """
        if self._publish_elsewhere is not None:
            message = {"type": "attendance", "process": self.process, "counts": counts, "asks": asks}
            self._publish_elsewhere(group_of(game_id), message)

    def lobby_changed(self, game_id: str, is_move: bool = False) -> None:
        """Tell the lobbies, within `LOBBY_INTERVAL`, that a game changed.

        Args:
            game_id: canonical.
            is_move: by a mere move: only whoever shows the game needs to look.
        """
        if not (self._changed or self._moved):
            asyncio.get_running_loop().call_later(LOBBY_INTERVAL, self._flush_changed)
        (self._moved if is_move else self._changed).add(game_id)

    def send(self, group: str, message: dict[str, Any]) -> None:
        """Send to a group without waiting for the layer; messages keep their order.

        Args:
            group: a name made in this module.
            message: for the handlers of our own consumers.
        """
        if self._publish is not None:
            self._publish(group, message)
            return
        try:
            self._unsent.put_nowait((group, message))
        except asyncio.QueueFull:
            self.dropped += 1
            return
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    def send_here(self, group: str, message: dict[str, Any]) -> None:
        """`send` to this process alone, where the layer can tell."""
        (self._publish_here or self.send)(group, message)

    def send_elsewhere(self, group: str, message: dict[str, Any]) -> None:
        """`send` to all other processes; to nobody where the layer isn't shared."""
        if self._publish_elsewhere is not None:
            self._publish_elsewhere(group, message)

    def attend(self, heard: Callable[[str, dict[str, Any]], bool], renewed: Callable[[frozenset[str]], None]) -> None:
        """Have somebody told of what concerns the process, where the layer is shared; see `RedisLayer.attend`."""
        if self.process is not None:
            self.layer.attend(heard, renewed)

    async def close(self) -> None:
        """Send what waits, as far as the layer takes it."""
        self._flush_changed()
        drain = getattr(self.layer, "drain", None)
        if drain is not None:
            await drain()
        if self._sender is not None:
            await asyncio.wait([self._sender], timeout=1)
            self._sender.cancel()

    def _flush_changed(self) -> None:
        if self._changed or self._moved:
            message = {"type": "games.changed", "ids": sorted(self._changed), "moved": sorted(self._moved)}
            self._changed.clear()
            self._moved.clear()
            self.send(LOBBY_GROUP, message)

    async def _send_all(self) -> None:
        while not self._unsent.empty():
            group, message = self._unsent.get_nowait()
            try:
                await self.layer.group_send(group, message)
            except Exception as error:  # A layer raises what its library raises; an announcement may be lost.
                self.dropped += 1
                log.warning("an announcement was lost: %s", reason_of(error))
