"""When a command came, and how long its side could have moved by then.

What elapsed is taken from monotonic time within the process that announced the turn to its connections; where the turn
was announced by nobody here, as after a load, the times in the log have to do. A command counts from the moment it
came, however long it then waits for its turn, for a batch or for the store.
"""

from datetime import datetime, timedelta
from typing import Final

from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import UNMEASURED, Asker, Timing
from games.protocol import PlayMove
from games.registry.live_entry import Failed, LiveEntry, Received, Turn

HELD_BACK_FOR: Final = 3.0
"""Seconds after a move could not be stored in which its side isn't flagged: it is sent again within two."""
RECONNECT_WITHIN: Final = 5.0
"""Seconds that a side has to come back after its process was lost, before its time goes on."""
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
    if game is None or game.clock is None or known == game.number:
        return
    # As a rule there is one change, a move.
    if game.changes[-1].BEGINS_TURN or any(change.BEGINS_TURN for change in game.changes[known:]):
        entry.turn = Turn(game.turn_since, 0, now)
        entry.failed = None


def taken_over(game: LiveGame, lost_at: datetime, found: float) -> Turn:
    """A turn that was told by a process which is gone: what elapsed since then is nobody's time.

    Args:
        game: a timed one in progress.
        lost_at: when that process was last alive.
        found: by `games.registry.pace`, when this one knew of it: so long as nobody could come back, no time passes.
    """
    spent_ms = max(0, (lost_at - game.turn_since) // _MS)
    return Turn(game.turn_since, spent_ms, found + RECONNECT_WITHIN)


def take_over(entry: LiveEntry, lost_at: datetime, found: float) -> None:
    """`taken_over`, for a live game, unless its turn was told here, or taken over before.

    Args:
        entry: of the game.
        lost_at: when the process was last alive that told it.
        found: by `games.registry.pace`, when this one knew of it.
    """
    game = entry.game
    if game is not None and game.clock is not None:
        turn = entry.turn
        if turn is None or turn.since != game.turn_since or turn.is_by_log:
            entry.turn = taken_over(game, lost_at, found)


def go_on(entry: LiveEntry, now: Received) -> None:
    """Of a turn that was told elsewhere, take what elapsed from the log; from now on it passes by the pace.

    Args:
        entry: of a timed game in progress, as it was loaded.
        now: the moment.
    """
    game = entry.game
    if game is not None and (entry.turn is None or entry.turn.since != game.turn_since):
        entry.turn = Turn(game.turn_since, elapsed_ms(None, game, now), now.pace, is_by_log=True)


def without(entry: LiveEntry, down_ms: int, now: Received) -> None:
    """Of a turn of days, leave out what no process was there to play in.

    Args:
        entry: of a timed game, as it was loaded.
        down_ms: for so long, since the turn began.
        now: the moment.
    """
    game = entry.game
    if game is not None and down_ms and (entry.turn is None or entry.turn.since != game.turn_since):
        entry.turn = Turn(game.turn_since, max(0, elapsed_ms(None, game, now) - down_ms), now.pace)


def interrupt(entry: LiveEntry, silent_s: float, now: Received) -> None:
    """The side to move was connected to another process, which was lost: what elapsed since then is nobody's time.

    Args:
        entry: of a timed game in progress.
        silent_s: for how many seconds nothing was heard of that process.
        now: the moment at which it was found lost.
    """
    game = entry.game
    if game is not None and game.clock is not None:
        spent_ms = max(0, elapsed_ms(entry.turn, game, now) - round(silent_s * 1000))
        entry.turn = Turn(game.turn_since, spent_ms, now.pace + RECONNECT_WITHIN)


def timing(entry: LiveEntry, game: LiveGame, received: Received) -> Timing:
    """What is measured of a command.

    Args:
        entry: of its game.
        game: as it is judged.
        received: when the command came.
    """
    measured = measured_ms(entry.turn, game, received.pace)
    if measured is None and received.trusted_lag_ms is None:
        return UNMEASURED
    return Timing(measured, received.trusted_lag_ms)


def elapsed_ms(turn: Turn | None, game: LiveGame, now: Received) -> int:
    """How long the side to move could have moved by now.

    Args:
        turn: as it was told here, or taken over; None where it was neither.
        game: a timed one in progress.
        now: the moment.
    """
    measured = measured_ms(turn, game, now.pace)
    return max(0, (now.at - game.turn_since) // _MS) if measured is None else measured


def measured_ms(turn: Turn | None, game: LiveGame, now: float) -> int | None:
    """What elapsed of the game's turn; None where this process knows of an earlier one, or of none.

    Args:
        turn: as it was told here, or taken over; None where it was neither.
        game: a timed one in progress.
        now: by `games.registry.pace`.
    """
    if turn is None or turn.since != game.turn_since:
        return None
    return turn.spent_ms + max(0, round((now - turn.counted_from) * 1000))


def is_held_back(entry: LiveEntry, now: float) -> bool:
    """Whether the side to move has moved, and the store has yet to take it: it isn't flagged meanwhile.

    Args:
        entry: of the game.
        now: by `games.registry.pace`.
    """
    return entry.is_busy or (entry.failed is not None and now - entry.failed.tried < HELD_BACK_FOR)
