"""Outcomes and time controls in words, boards as text, for files, the terminal, the admin, forms and lists.

What the game page says as a game goes on is in ``static/js/game/words.js``: it speaks to the person who looks. Time
controls are written by ``static/js/site/time_control.js`` too, in the same words.
"""

from games.game.live import LiveGame, LoggedChange
from games.protocol import Reason
from games.rules.board import COLUMNS, ROWS, Position
from games.rules.time_controls import Days, Speed, TimeControl, speed_of

_RESULTS: dict[str, str] = {
    Reason.FOUR_IN_A_ROW: "four in a row",
    Reason.BOARD_FULL: "the board was full",
    Reason.RESIGNATION: "by resignation",
    Reason.TIMEOUT: "on time",
    Reason.ABANDONMENT: "abandoned",
    Reason.AGREEMENT: "by agreement",
    Reason.ABORTED: "aborted",
    Reason.ADJUDICATION: "decided by a moderator",
}


def outcome_in_words(winner: str | None, reason: str, joint: str = ": ") -> str:
    """How a game ended, such as "alice won: four in a row".

    Args:
        winner: the winner's name; None where nobody won.
        reason: a `Reason`, as stored.
        joint: between the two.
    """
    return f"{f'{winner} won' if winner else 'no winner'}{joint}{reason.replace('_', ' ')}"


def reason_in_words(reason: str) -> str:
    """Why a game ended, as it stands after "Won" or "Lost" in a list."""
    return _RESULTS.get(reason, reason)


SPEEDS = {
    Speed.BULLET: "Bullet", Speed.BLITZ: "Blitz", Speed.RAPID: "Rapid", Speed.CORRESPONDENCE: "By days",
    Speed.UNTIMED: "No clock",
}  # fmt: skip
"""What pages call each speed."""


def speed_in_words(control: TimeControl | None) -> str:
    """How fast games with a time control are, such as "Blitz"."""
    return SPEEDS[speed_of(control)]


def time_control_in_words(control: TimeControl | None) -> str:
    """A time control, such as "1 min + 1 s", "3 days a move" or "no clock"."""
    if control is None:
        return "no clock"
    if isinstance(control, Days):
        return f"{control.per_move} day{'s' * (control.per_move > 1)} a move"
    minutes, seconds = divmod(control.initial, 60)
    words = " ".join([f"{minutes} min"] * bool(minutes) + [f"{seconds} s"] * bool(seconds))
    return f"{words} + {control.increment} s" if control.increment else words


def pace_in_words(control: TimeControl | None) -> str:
    """Speed and time control, such as "Blitz · 1 min + 1 s"; "No clock" for untimed games."""
    return speed_in_words(control) + ("" if control is None else f" · {time_control_in_words(control)}")


def rows_of(position: Position, marks: str) -> list[str]:
    """A board as text, top row first, a character a cell.

    Args:
        position: the board.
        marks: for an empty cell, a disc of whoever moved first, a disc of the other.
    """
    return ["".join(marks[position.disc_at(column, row)] for column in range(COLUMNS)) for row in reversed(range(ROWS))]


def picture_of(position: Position, marks: str) -> list[str]:
    """`rows_of` with spaces between cells, and below them the columns, counted from 1."""
    return [*map(" ".join, rows_of(position, marks)), " ".join(str(column + 1) for column in range(COLUMNS))]


def acts_of(live: LiveGame) -> list[tuple[int, LoggedChange]]:
    """What participants did besides moving, each after how many plies.

    Args:
        live: the game, in any state.
    """
    return [(sum(disc.number < act.number for disc in live.discs), act) for act in live.changes if act.WORDS]


def mover_in_words(live: LiveGame, ply: int) -> str:
    """Who played a ply: a name, or "the opening".

    Args:
        live: the game.
        ply: counted from 1, on the board.
    """
    if ply <= live.opening.plies:
        return "the opening"
    participant = live.participant1 if live.mover_of(ply) == 1 else live.participant2
    return participant.name if participant is not None else ""
