"""When a command came, and how long its side could have moved by then.

What elapsed is taken from monotonic time within the process that announced the turn to its connections; where the turn
was announced by nobody here, as after a load, the times in the log have to do. A command counts from the moment it
came, however long it then waits for its turn, for a batch or for the store.
"""

from datetime import timedelta
from typing import Final

from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import UNMEASURED, Asker, Timing
from games.protocol import PlayMove
from games.registry.live_entry import Failed, LiveEntry, Received

HELD_BACK_FOR: Final = 3.0
"""Seconds after a move could not be stored in which its side isn't flagged: it is sent again within two."""
_MS: Final = timedelta(milliseconds=1)


def first_received(entry: LiveEntry, asker: Asker, command: Command, received: Received) -> Received:
    """When a command came: for a move that is sent again because it could not be stored, when it came first.

    Args:
        entry: of its game.
        asker: who asks.
        command: what is asked.
        received: when it came this time.
    """
    failed = entry.failed
    if failed is None or not isinstance(command, PlayMove):
        return received
    is_same = (failed.asker, failed.ply, failed.column) == (asker, command.ply, command.column)
    return failed.received if is_same else received


def note_failed(entry: LiveEntry, asker: Asker, command: Command, received: Received, now: float) -> None:
    """A command could not be stored: where it is a move, keep in mind when it came.

    Args:
        entry: of its game.
        asker: who asked.
        command: what was asked.
        received: when it came first.
        now: by `games.registry.pace`.
    """
    if isinstance(command, PlayMove):
        entry.failed = Failed(asker, command.ply, command.column, received, now)


def note_turn(entry: LiveEntry, known: int, now: float) -> None:
    """Changes were announced here: where a turn began with one of them, its time begins.

    Args:
        entry: of the game, with the changes.
        known: how many changes were known before.
        now: by `games.registry.pace`.
    """
    game = entry.game
    if game is not None and game.clock is not None and any(change.BEGINS_TURN for change in game.changes[known:]):
        entry.turn = game.turn_since, now
        entry.failed = None


def timing(entry: LiveEntry, game: LiveGame, received: Received) -> Timing:
    """What is measured of a command.

    Args:
        entry: of its game.
        game: as it is judged.
        received: when the command came.
    """
    if entry.turn is None or entry.turn[0] != game.turn_since:
        return UNMEASURED
    return Timing(elapsed_ms=max(0, round((received.pace - entry.turn[1]) * 1000)))


def elapsed_ms(entry: LiveEntry, game: LiveGame, now: Received) -> int:
    """How long the side to move could have moved by now.

    Args:
        entry: of the game.
        game: a timed one in progress.
        now: the moment.
    """
    measured = timing(entry, game, now).elapsed_ms
    return max(0, (now.at - game.turn_since) // _MS) if measured is None else measured


def is_held_back(entry: LiveEntry, now: float) -> bool:
    """Whether the side to move has moved, and the store has yet to take it: it isn't flagged meanwhile.

    Args:
        entry: of the game.
        now: by `games.registry.pace`.
    """
    return entry.is_busy or (entry.failed is not None and now - entry.failed.tried < HELD_BACK_FOR)
