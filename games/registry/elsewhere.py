"""What other processes say: heard once for this one, before any of its connections."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from games.layers.broadcast import LOBBY_GROUP, PROCESSES_GROUP, Broadcast, game_of
from games.layers.messages import MISSED, Message, ProcessTold
from games.presence.failover import Failover
from games.presence.neighbours import Neighbours
from games.registry.catching_up import CatchingUp
from games.registry.live_games import LiveGames


class Elsewhere:
    """Hears the shared layer for one event loop.

    Args:
        broadcast: over the layer.
        live_games: told of what they lack.
        catching_up: asks the store when something was missed.
        neighbours: told who lives, and who is connected there.
        failover: told who has the store.
        spawn: runs a coroutine as a task that ends with the event loop's runtime.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        live_games: LiveGames,
        catching_up: CatchingUp,
        neighbours: Neighbours,
        failover: Failover,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._broadcast = broadcast
        self._live_games = live_games
        self._catching_up = catching_up
        self._neighbours = neighbours
        self._failover = failover
        self._spawn = spawn

    def listen(self) -> None:
        """Hear what concerns the process, where the layer is shared."""
        self._broadcast.layer.attend(self._heard, self._renewed)

    def join(self) -> None:
        """Live among the processes that share the layer, if there are any. Nothing happens the second time."""
        self._neighbours.start()
        self._failover.start()

    def _heard(self, group: str, message: Message) -> bool:
        """A message from elsewhere; whether it concerns no connection."""
        if group == PROCESSES_GROUP:
            told = cast(ProcessTold, message)  # this group carries nothing else
            if not self._failover.hear(told):
                self._neighbours.hear(told)
            return True
        game_id = game_of(group)
        if game_id is not None and message["type"] == "attendance":
            self._neighbours.hear_attendance(game_id, message)
            return True
        if game_id is not None and message["type"] == "game.event":
            self._live_games.hear_of(game_id, message)
        return False

    def _renewed(self, groups: frozenset[str]) -> None:
        """The shared layer was away: what was announced meanwhile in these groups was missed."""
        self._spawn(self._catching_up.catch_up(in_any_case=True))
        if LOBBY_GROUP in groups:
            self._broadcast.send_here(LOBBY_GROUP, MISSED)
        if PROCESSES_GROUP in groups:
            self._neighbours.ask_anew()
