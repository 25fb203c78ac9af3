"""The game that lobbies show large: of the strongest who play, else the most watched. Another one when it is over.

Each event loop chooses for all its lobbies, seldom, among the newest games of the list as the hub has read it; from
then on the game is read with the lists.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Final

from games import protocol
from games.models import Game
from games.protocol import GameObject, State

ENDED_FOR: Final = 5.0
"""Seconds for which the end of a game is shown before another takes its place."""
QUIET_FOR: Final = 120.0
"""Seconds without a change after which another game is preferred."""
CHOSEN_EVERY: Final = 3.0
"""Seconds between looks for one where there was none, at least."""


def pick(game_ids: Collection[str], watched: Mapping[str, int], but_for: str | None = None) -> str | None:
    """The game to show: of the highest sum of both players' settled ratings, then the most watched, then the newest.

    Args:
        game_ids: of listed games.
        watched: how many spectators games have, as far as anybody watches.
        but_for: a game that is taken only where there is no other.
    """
    if not game_ids:
        return None
    games = Game.objects.in_progress().filter(pk__in=[*game_ids]).order_by()
    rows = games.values_list("pk", "start_time", "rating1", "provisional1", "rating2", "provisional2")

    def worth(row: tuple[object, ...]) -> tuple[object, ...]:
        pk, start_time, rating1, provisional1, rating2, provisional2 = row
        is_settled = provisional1 is False and provisional2 is False
        strength = rating1 + rating2 if is_settled else 0  # type: ignore[operator]  # settled ratings are numbers
        return pk != but_for, strength, watched.get(str(pk), 0), start_time, pk

    return max(rows, key=worth, default=(None,))[0]


class Featuring:
    """What one hub shows large.

    Args:
        watchers: gives how many spectators a game has, as far as this process hears.
    """

    def __init__(self, watchers: Callable[[str], int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._watchers = watchers
        self.game: GameObject | None = None
        """The game as it was last read."""
        self._changed_at = float("-inf")

    @property
    def game_id(self) -> str | None:
        """The game's ID."""
        return None if self.game is None else self.game.id

    @property
    def _is_due(self) -> bool:
        """Whether another one is to be looked for."""
        since = self._loop.time() - self._changed_at
        if self.game is None:
            return since >= CHOSEN_EVERY
        return since >= (ENDED_FOR if self.game.state is State.FINISHED else QUIET_FOR)

    def watched(self, game_ids: Collection[str]) -> dict[str, int] | None:
        """Who watches the games of which one is to be chosen now; None while that is not due.

        Args:
            game_ids: of listed games.
        """
        if not self._is_due:
            return None
        self._changed_at = self._loop.time()
        counts = {pk: self._watchers(pk) for pk in game_ids}
        return {pk: count for pk, count in counts.items() if count}

    def take_in(self, game: GameObject | None, listed: Collection[str]) -> str | None:
        """The game as it was read, or another one; the frame for every lobby, where the lists don't tell it anyway.

        Args:
            game: None for none.
            listed: the IDs of games that the lists show now.
        """
        before, self.game = self.game, game
        if game is before:
            return None
        self._changed_at = self._loop.time()
        is_same = game is not None and before is not None and game.id == before.id
        return None if is_same and game and game.id in listed else protocol.encode(protocol.Featured(game=game))

    def forget(self) -> None:
        """Nobody looks any more."""
        self.game, self._changed_at = None, float("-inf")
