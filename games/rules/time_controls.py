"""Time controls: how much time each side of a game has, and how fast that makes the game."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

INITIAL_SECONDS = range(15, 3600 + 1)
"""What ``initial`` may be."""
INCREMENT_SECONDS = range(60 + 1)
"""What ``increment`` may be."""
DAYS_PER_MOVE = (1, 2, 3, 7, 14)
"""What ``daysPerMove`` may be."""

MOVES_IN_ESTIMATE = 15

_MAX_GAIN_MS, _GAIN_MS_A_SECOND, _LEAST_GAIN_MS = 1_000, 4, 150


class Speed(StrEnum):
    """How fast a game is, by its time control."""

    BULLET = "bullet"
    BLITZ = "blitz"
    RAPID = "rapid"
    CORRESPONDENCE = "correspondence"
    UNTIMED = "untimed"


@dataclass(frozen=True)
class Countdown:
    """So much time for all of one side's moves.

    Attributes:
        initial: seconds at the start.
        increment: seconds that each move but the first adds.

    Raises:
        ValueError: out of range.
    """

    initial: int
    increment: int

    def __post_init__(self) -> None:
        if self.initial not in INITIAL_SECONDS or self.increment not in INCREMENT_SECONDS:
            raise ValueError("initial is 15 to 3600 seconds, increment 0 to 60")

    @cached_property
    def estimate(self) -> int:
        """Seconds that one side has in a game of usual length."""
        return self.initial + MOVES_IN_ESTIMATE * self.increment

    @cached_property
    def gain_ms(self) -> int:
        """What a move adds to the quota of compensation, where no measured lag says less."""
        return min(_MAX_GAIN_MS, _GAIN_MS_A_SECOND * self.estimate + _LEAST_GAIN_MS)


@dataclass(frozen=True, slots=True)
class Days:
    """So many days for each move, the first included.

    Raises:
        ValueError: not one of `DAYS_PER_MOVE`.
    """

    per_move: int

    def __post_init__(self) -> None:
        if self.per_move not in DAYS_PER_MOVE:
            raise ValueError(f"daysPerMove is one of {', '.join(map(str, DAYS_PER_MOVE))}")


TimeControl = Countdown | Days


def control_of(initial: int | None, increment: int | None, days_per_move: int | None) -> TimeControl | None:
    """A time control by its parts, as they are stored and sent.

    Args:
        initial, increment: seconds, both or neither.
        days_per_move: days, where there is neither.

    Returns:
        None, untimed, where there is nothing.

    Raises:
        ValueError: that is no time control.
    """
    if days_per_move is None and initial is None and increment is None:
        return None
    if days_per_move is not None and initial is None and increment is None:
        return Days(days_per_move)
    if days_per_move is None and initial is not None and increment is not None:
        return Countdown(initial, increment)
    raise ValueError("a time control is initial and increment, or daysPerMove")


def parts_of(control: TimeControl | None) -> tuple[int | None, int | None, int | None]:
    """The opposite of `control_of`."""
    if control is None:
        return None, None, None
    if isinstance(control, Days):
        return None, None, control.per_move
    return control.initial, control.increment, None


def speed_of(control: TimeControl | None) -> Speed:
    """The speed of games with a time control; None is untimed."""
    if control is None:
        return Speed.UNTIMED
    if isinstance(control, Days):
        return Speed.CORRESPONDENCE
    if control.estimate < 45:
        return Speed.BULLET
    return Speed.BLITZ if control.estimate < 150 else Speed.RAPID
