"""The ruling on a claim: the other side has left, and one need not wait for its time to be over."""

from datetime import datetime
from typing import Final

from games.game.endings import end
from games.game.live import LiveGame
from games.game.moves import have_both_moved
from games.game.people import Side
from games.game.rulings import Ruling, for_participants, refuse_unless_in_progress
from games.protocol import ErrorCode, GameError, Outcome, Reason
from games.protocol.commands import Claim
from games.rules.time_controls import Speed, speed_of

_SECONDS: Final[dict[Speed, float]] = {
    Speed.BULLET: 30.0, Speed.BLITZ: 30.0, Speed.RAPID: 60.0, Speed.UNTIMED: 86_400.0,
}  # fmt: skip


@for_participants(Claim)
def claim(game: LiveGame, command: Claim, by: Side, now: datetime) -> Ruling:
    """End the game as one's own win or as a draw; of untimed games as a draw alone."""
    refuse_unless_in_progress(game)
    wait, alone_s = claimed_after(game), by.timing.alone_s
    if wait is None or alone_s is None or alone_s < wait:
        raise GameError(ErrorCode.NOTHING_TO_CLAIM)
    if command.result == "win" and game.time_control is None:
        raise GameError(ErrorCode.NOTHING_TO_CLAIM, "Without a clock it can only be called a draw.")
    return end(game, Outcome(by.seat if command.result == "win" else None, Reason.ABANDONMENT), now, seat=by.seat)


def claimed_after(game: LiveGame) -> float | None:
    """For how many seconds a side has to be away until the other may claim; None where nobody ever may.

    Args:
        game: as it stands.
    """
    if game.turn is None or game.participant2 is None or not have_both_moved(game):
        return None
    if game.participant1.computer is not None or game.participant2.computer is not None:
        return None  # the computer is never away
    return _SECONDS.get(speed_of(game.time_control))
