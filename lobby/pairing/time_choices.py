"""The time controls that a form offers, and how each is written in it."""

from typing import Final, NamedTuple

from games.records.words import speed_in_words, time_control_in_words
from games.rules.time_controls import DAYS_PER_MOVE, Countdown, Days, TimeControl

PRESETS: Final = (
    Countdown(30, 0), Countdown(20, 1),
    Countdown(60, 0), Countdown(60, 1), Countdown(120, 0),
    Countdown(180, 2), Countdown(300, 3),
)  # fmt: skip
"""Two of bullet, three of blitz, two of rapid."""

UNTIMED: Final = "none"
OWN: Final = "own"


class Choice(NamedTuple):
    """A radio button for a time control.

    Attributes:
        value: what the form sends.
        label: what it says.
        speed: what stands below that.
    """

    value: str
    label: str
    speed: str


def value_of(control: TimeControl | None) -> str:
    """What a form sends for a time control: ``none``, seconds such as ``60+1``, or days such as ``3d``.

    Args:
        control: one that the form offers by itself.
    """
    if control is None:
        return UNTIMED
    if isinstance(control, Days):
        return f"{control.per_move}d"
    return f"{control.initial}+{control.increment}"


def _choice(control: TimeControl) -> Choice:
    return Choice(value_of(control), time_control_in_words(control), speed_in_words(control))


OFFERED: Final[dict[str, TimeControl | None]] = {
    value_of(control): control for control in (None, *PRESETS, *map(Days, DAYS_PER_MOVE))
}
"""What each value means; `OWN` is for the form to read."""

CLOCK_CHOICES: Final = (
    Choice(UNTIMED, "No clock", "no limit"), *map(_choice, PRESETS), Choice(OWN, "My own", "set below"),
)  # fmt: skip
DAY_CHOICES: Final = tuple(map(_choice, map(Days, DAYS_PER_MOVE)))
