"""What a server measures of a connection: how long its line takes there and back, and when its frames came."""

from collections.abc import Callable
from typing import Final

MEASURE_LAG: Final = "fourline.measure_lag"
"""The extension of ASGI by which a server begins to measure a connection's lag, where it can. Daphne hides pongs."""
RECEIVED_AT: Final = "fourline.received_at"
"""In a message of ASGI's: by the event loop's clock, when a server took its frame, where it says so. Daphne doesn't."""
WEIGHT: Final = 0.1
"""Of the newest round trip in the average; lichess has the same."""
LONGEST_S: Final = 10.0
"""Seconds. A longer round trip says more of the machines than of the line."""


class Lag:
    """The moving average of a connection's round trips."""

    __slots__ = ("_average_s", "is_in_use")

    def __init__(self) -> None:
        self._average_s: float | None = None
        self.is_in_use = False
        """Whether it was read since the last measurement: a line on which nobody moves need not be measured often."""

    def read(self) -> int | None:
        """In milliseconds; None before the first answer. Whoever reads it has it measured on."""
        self.is_in_use = True
        return None if self._average_s is None else round(self._average_s * 1000)

    def take(self, round_trip_s: float) -> None:
        """A ping was answered.

        Args:
            round_trip_s: after so many seconds.
        """
        measured = min(max(0.0, round_trip_s), LONGEST_S)
        if self._average_s is None:
            self._average_s = measured
        else:
            self._average_s += WEIGHT * (measured - self._average_s)


MeasureLag = Callable[[], Lag]
"""Begins, once for a connection, and gives what is known so far from then on."""
