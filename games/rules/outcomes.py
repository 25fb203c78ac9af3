"""Where a game stands, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum

from games.rules.board import Position


class State(StrEnum):
    """Where a game stands."""

    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"


class Reason(StrEnum):
    """How a game ended."""

    FOUR_IN_A_ROW = "four_in_a_row"
    BOARD_FULL = "board_full"
    RESIGNATION = "resignation"
    TIMEOUT = "timeout"
    ABANDONMENT = "abandonment"
    AGREEMENT = "agreement"
    ABORTED = "aborted"
    ADJUDICATION = "adjudication"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a game ended; ``line`` has four (column, row) cells where four in a row decided it."""

    winner: int | None
    reason: Reason
    line: tuple[tuple[int, int], ...] | None = None


def mover_of(ply: int, first_move: int) -> int:
    """The participant whose ply it is, 1 or 2.

    Args:
        ply: counted from 1.
        first_move: the participant who has ply 1.
    """
    return first_move if ply % 2 else 3 - first_move


def outcome_of(position: Position, column: int, mover: int) -> Outcome:
    """How a move ended a game.

    Args:
        position: after the move; it is over.
        column: of the move.
        mover: the participant who made it.
    """
    if position.is_won:
        return Outcome(mover, Reason.FOUR_IN_A_ROW, position.winning_line(column))
    return Outcome(None, Reason.BOARD_FULL)
