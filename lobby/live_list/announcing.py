"""The lobby's news after a change of a game."""

from collections.abc import Sequence
from datetime import datetime

from games.game.changes import Change, Drop
from games.game.live import LiveGame
from games.layers.broadcast import Broadcast
from games.registry.after import Work


class LobbyNews:
    """Tells the lobbies of each change: of private games too, because their participants' lobbies show them.

    Nothing of it is ever pending: every hub looks at the lists itself every few seconds, so where the process died
    before it could tell, they hear from the store.

    Args:
        broadcast: gathers what changed for a moment, and tells.
    """

    FOLLOWS_MOVES = True

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """Tell them soon; of a mere move only those that show the game."""
        self._broadcast.lobby_changed(game.id, is_move=isinstance(change, Drop) and not game.is_finished)
        return ()

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """Nothing, see the class."""
        return ()

    def do(self, work: Work) -> None:
        """Nothing, see the class."""
