"""How much one connection may say.

A token bucket: 0.4 microseconds a message, and no clock but the one it is given.
"""

from enum import Enum


class Ruling(Enum):
    """What to do with a message."""

    TAKE = "take"
    REFUSE = "refuse"
    CLOSE = "close"


class Allowance:
    """Messages that a connection may send.

    Args:
        messages: how many at once, and how many in one window when they come evenly.
        window: seconds.
        now: the time, in seconds of a clock that never goes back.
    """

    __slots__ = ("_left", "_messages", "_over_since", "_refused", "_then", "_window")

    WINDOWS_OVER = 3
    TIMES_OVER = 10

    def __init__(self, messages: int, window: float, now: float) -> None:
        self._messages = messages
        self._window = window
        self._left = float(messages)
        self._then = now
        self._over_since: float | None = None
        self._refused = 0

    def rule(self, now: float) -> Ruling:
        """Judge the message that has just come.

        Args:
            now: by the same clock.

        Returns:
            `Ruling.REFUSE` when it is over the allowance; `Ruling.CLOSE` when that goes on for three windows, or for
            ten times the allowance at once.
        """
        self._left = min(self._messages, self._left + (now - self._then) * self._messages / self._window)
        self._then = now
        if self._left >= 1:
            self._left -= 1
            if self._over_since is not None and self._left > self._messages / 2:
                self._over_since, self._refused = None, 0
            return Ruling.TAKE
        if self._over_since is None:
            self._over_since = now
        self._refused += 1
        is_kept_up = now - self._over_since >= self.WINDOWS_OVER * self._window
        is_flood = self._refused >= (self.TIMES_OVER - 1) * self._messages
        return Ruling.CLOSE if is_kept_up or is_flood else Ruling.REFUSE
