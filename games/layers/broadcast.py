"""Announcements: the names of all groups, and the one way into the channel layer.

A game's group is named after its ID, the lobby's is `LOBBY_GROUP`. Announcements keep their order. They are a hint,
never the truth: whoever misses one notices by the version.
"""

import asyncio
import time
from collections.abc import Callable

from games.game.changes import GameChange, as_message
from games.layers.messages import AttendanceTold, GameEvent, GamesChanged, ProcessTold, ProcessWord
from games.layers.process_layer import process_layer

LOBBY_GROUP = "lobby"
PROCESSES_GROUP = "processes"
"""The group of all processes that share the layer."""
REVIEWS_GROUP = "reviews"
"""The group of all processes that have workers for reviews."""
LOBBY_INTERVAL = 0.1
"""Seconds for which changed games are gathered before the lobbies are told of them."""

CHAT_PEOPLE_GROUP = "chat-people"
"""The group of all processes with people who chat."""

_GAME = "game."
_CHAT = "chat."


def group_of(game_id: str) -> str:
    """The group of everybody connected to a game."""
    return f"{_GAME}{game_id}"


def chat_group_of(series_id: str) -> str:
    """The group of everybody beside a game of a series."""
    return f"{_CHAT}{series_id}"


def game_of(group: str) -> str | None:
    """The game that a group belongs to; None for another group."""
    return group.removeprefix(_GAME) if group.startswith(_GAME) else None


class Broadcast:
    """Announces for one event loop."""

    def __init__(self) -> None:
        self.layer = process_layer()
        self.process = self.layer.process
        self.send = self.layer.publish
        self.send_here = self.layer.publish_here
        self.send_elsewhere = self.layer.publish_elsewhere
        self.online_here: Callable[[], int] = lambda: 0
        """How many people are connected to this process."""
        self._changed: set[str] = set()
        self._moved: set[str] = set()

    @property
    def is_cut_off(self) -> bool:
        """Whether other processes can't be heard: the shared layer is away, as far as it can tell."""
        return not self.layer.is_up

    def announce(self, change: GameChange, version: int | None, text: str) -> None:
        """Tell a game's group of a change that is stored.

        Args:
            change: other processes take it into their live games.
            version: the game's after it; None for a change that isn't versioned.
            text: the event's frame, encoded once for everybody.
        """
        told = as_message(change) if self.layer.may_be_shared else None
        message: GameEvent = {
            "type": "game.event", "version": version, "text": text, "number": change.number, "change": told,
            "at": time.time(),
        }  # fmt: skip
        self.send(group_of(change.game_id), message)

    def announce_here(self, game_id: str, version: int | None, text: str) -> None:
        """`announce` to this process's own connections: of a change that others hear of without us."""
        self.send_here(group_of(game_id), {"type": "game.event", "version": version, "text": text})

    def tell(self, game_id: str, text: str, renews: bool = False) -> None:
        """Tell a game's group of something that is no change of the game.

        Args:
            game_id: canonical.
            text: the event's frame.
            renews: whether the game's own row says something new, so that who has the game live loads it.
        """
        message: GameEvent = {"type": "game.event", "version": None, "text": text}
        if renews:
            message["renews"] = True
        self.send(group_of(game_id), message)

    def announce_attendance(self, game_id: str, counts: tuple[int, int, int], asks: bool) -> None:
        """Tell the other processes who is connected to a game here.

        Args:
            game_id: canonical.
            counts: spectators, connections of participant 1, of participant 2.
            asks: whether we want to know the same of them.
        """
        if self.process is not None:
            message: AttendanceTold = {"type": "attendance", "process": self.process, "counts": counts, "asks": asks}
            self.send_elsewhere(group_of(game_id), message)

    def lobby_changed(self, game_id: str, is_move: bool = False) -> None:
        """Tell the lobbies, within `LOBBY_INTERVAL`, that a game changed.

        Args:
            game_id: canonical.
            is_move: by a mere move: only whoever shows the game needs to look.
        """
        if not (self._changed or self._moved):
            asyncio.get_running_loop().call_later(LOBBY_INTERVAL, self._flush_changed)
        (self._moved if is_move else self._changed).add(game_id)

    def tell_processes(self, kind: ProcessWord) -> None:
        """Say something to all other processes, where the layer is shared."""
        if self.process is not None:
            message: ProcessTold = {"type": kind, "process": self.process, "online": self.online_here()}
            self.send_elsewhere(PROCESSES_GROUP, message)

    def reviews_queued(self) -> None:
        """Tell the other processes that have workers of reviews that wait, where the layer is shared."""
        if self.process is not None:
            self.send_elsewhere(REVIEWS_GROUP, {"type": "reviews.queued"})

    async def close(self) -> None:
        """Send what waits, as far as the layer takes it."""
        self._flush_changed()
        await self.layer.drain()

    def _flush_changed(self) -> None:
        if self._changed or self._moved:
            message: GamesChanged = {
                "type": "games.changed",
                "ids": sorted(self._changed),
                "moved": sorted(self._moved),
            }
            self._changed.clear()
            self._moved.clear()
            self.send(LOBBY_GROUP, message)
