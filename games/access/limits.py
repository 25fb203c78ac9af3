"""How much one connection may say.

Token buckets, which know no clock but the time that they are given.
"""

from collections.abc import Iterable
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


BYTES_A_FRAME = 1024
"""On average, in a flood that is still taken; commands have about a hundred."""


def frames_for(allowances: Iterable[tuple[int, float]]) -> tuple[int, float]:
    """How many frames in how many seconds leave room for the largest of some allowances of messages.

    Args:
        allowances: messages, and the seconds of their window.

    Returns:
        Ten times the messages of the largest, as it takes those to be closed by an `Allowance`; at least 200, so that
        control frames have room also where hardly any messages are allowed; and its window.
    """
    messages, window = max(allowances, key=lambda allowance: allowance[0] / allowance[1])
    return max(messages * Allowance.TIMES_OVER, 200), window


class FrameBudget:
    """Frames and bytes that a connection may send, whatever kind they are of.

    Who receives takes off `frames` and `size`, and calls `renew` only when one of them is below zero: so a connection
    may at times send twice its budget in one window, but never more, and counting costs two subtractions.

    Args:
        frames: how many in one window; and 1 KiB for each of them.
        window: seconds.
        now: the time, in seconds of a clock that never goes back.
    """

    __slots__ = ("_frames", "_then", "_window", "frames", "size")

    def __init__(self, frames: int, window: float, now: float) -> None:
        self._frames = frames
        self._window = window
        self._then = now
        self.frames: float = frames
        self.size: float = frames * BYTES_A_FRAME

    def renew(self, now: float) -> bool:
        """Add what the time since the last call is worth.

        Args:
            now: by the same clock.

        Returns:
            False when more is gone than that: the connection is to be closed.
        """
        gained = self._frames * (now - self._then) / self._window
        self._then = now
        self.frames = min(self._frames, self.frames + gained)
        self.size = min(self._frames * BYTES_A_FRAME, self.size + gained * BYTES_A_FRAME)
        return self.frames >= 0 and self.size >= 0
