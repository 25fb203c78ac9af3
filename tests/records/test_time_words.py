"""Time controls in words; the page's script writes the same, see tests/e2e/test_clock_arithmetic.py."""

import pytest

from games.records.words import pace_in_words, time_control_in_words
from games.rules.time_controls import Countdown, Days, TimeControl


@pytest.mark.parametrize(
    ("control", "words", "pace"),
    [
        (None, "no clock", "No clock"),
        (Countdown(30, 0), "30 s", "Bullet · 30 s"),
        (Countdown(20, 1), "20 s + 1 s", "Bullet · 20 s + 1 s"),
        (Countdown(60, 0), "1 min", "Blitz · 1 min"),
        (Countdown(90, 0), "1 min 30 s", "Blitz · 1 min 30 s"),
        (Countdown(300, 3), "5 min + 3 s", "Rapid · 5 min + 3 s"),
        (Countdown(3600, 60), "60 min + 60 s", "Rapid · 60 min + 60 s"),
        (Days(1), "1 day a move", "By days · 1 day a move"),
        (Days(14), "14 days a move", "By days · 14 days a move"),
    ],
)
def test_a_time_control_in_words(control: TimeControl | None, words: str, pace: str) -> None:
    assert (time_control_in_words(control), pace_in_words(control)) == (words, pace)
