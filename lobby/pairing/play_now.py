"""What the home page offers to play at once."""

from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings

from games.records.words import speed_in_words, time_control_in_words
from games.rules.time_controls import Countdown
from lobby.pairing import seeks
from lobby.pairing.time_choices import value_of

OFFERED: Final = (
    Countdown(30, 0), Countdown(60, 0), Countdown(60, 1), Countdown(120, 0), Countdown(180, 2), Countdown(300, 3),
)  # fmt: skip
"""From bullet to rapid; few, so that people meet."""


class Tile(NamedTuple):
    """A time control to seek with one press.

    Attributes:
        value: as the lobby counts seeks, such as ``60+0``.
        label: the time control in words.
        speed: below it.
        waiting: how many others seek it.
    """

    value: str
    label: str
    speed: str
    waiting: int


def tiles(player_id: int | None, now: datetime) -> list[Tile]:
    """The tiles as they stand.

    Args:
        player_id: who looks, and is not counted; None for somebody who is not signed in.
        now: the time of looking.
    """
    counts = seeks.counts(now, but_for=player_id)
    offered = [(value_of(control), control) for control in OFFERED]
    return [
        Tile(value, time_control_in_words(control), speed_in_words(control), counts.get(value, 0))
        for value, control in offered
    ]


def has_computer() -> bool:
    """Whether this site lets people play against the computer."""
    return settings.COMPUTER_WORKERS > 0
