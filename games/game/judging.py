"""Judging a command on a live game."""

from datetime import datetime

from games.game import claims, clocks, endings, joining, moves, offers  # noqa: F401  each registers its rulings
from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import UNMEASURED, Asker, Timing
from games.game.rulings import Ruling, rules


def judge(game: LiveGame, command: Command, asker: Asker, now: datetime, timing: Timing = UNMEASURED) -> Ruling:
    """Say what a command would change, changing nothing.

    Args:
        game: as it is stored.
        command: what is asked.
        asker: who asks.
        now: the time at which it is asked.
        timing: what is measured of it.

    Returns:
        The change to store, or an answer for the asker alone where what was asked is recorded already.

    Raises:
        GameError: the command is refused; the code says why.
    """
    return rules[type(command)](game, command, asker, now, timing)
