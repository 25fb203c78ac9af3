"""The news of challenges after a change of a game."""

from collections.abc import Sequence
from datetime import datetime

from games.game.changes import Change, Start
from games.game.live import LiveGame, LoggedChange
from games.game.new_game import NewGame
from games.layers.broadcast import Broadcast
from games.protocol import ChallengeResult
from games.registry.after import Work
from lobby.pairing.desk import Desk


class ChallengeNews:
    """Tells people of challenges, after each change of one.

    Nothing of it is ever pending: every desk looks at the challenges of whoever is connected by itself.

    Args:
        broadcast: not needed, the desk has its own.
    """

    FOLLOWS_MOVES = False

    def __init__(self, broadcast: Broadcast) -> None:
        pass

    def hint(self, game: LiveGame, change: Change) -> Sequence[Work]:
        """Tell whom it is for of a new one, and both of its end."""
        if game.invited is None:
            return ()
        if isinstance(change, NewGame):
            maker_id, invited_id = game.participant1.player_id, game.invited.player_id
            Desk.here().challenge(game.as_json_object(), maker_id, invited_id)
        elif change.number == 1:
            Desk.here().challenge_ended(game.id, _result(change), game.participant1, game.invited)
        return ()

    def pending(self, now: datetime, most: int) -> Sequence[Work]:
        """Nothing, see the class."""
        return ()

    def do(self, work: Work) -> None:
        """Nothing, see the class."""


def _result(change: LoggedChange) -> ChallengeResult:
    """What became of a challenge, by the change that ended it."""
    if isinstance(change, Start):
        return ChallengeResult.ACCEPTED
    return ChallengeResult.DECLINED if change.seat == 2 else ChallengeResult.WITHDRAWN
