"""What other processes announce, taken into the live games of this one."""

import msgspec

from games.game.changes import of_message
from games.game.restoring import hear
from games.layers.messages import GameEvent
from games.registry.live_entry import LiveEntry, knows


def takes_in(entry: LiveEntry, message: GameEvent) -> bool:
    """Take in the change that another process announced, if it is the next.

    Args:
        entry: of its game.
        message: the announcement.

    Returns:
        Whether the game has the change, or will meet it; False where it is behind.
    """
    # A change in flight meets what was announced as a conflict, and loads the game then.
    if entry.in_flight or knows(entry, message):
        return True
    told = message.get("change")
    if entry.game is None or told is None:
        return False
    try:
        taken = hear(entry.game, of_message(told))
    except msgspec.MsgspecError:  # of another release
        return False
    entry.revision += taken
    return taken
