"""What may be said, and how often. Standard library and the protocol only: no store, no clock.

A line is one line of text. Characters of all scripts stand as they were typed, those that are not to be seen or turn
the direction of writing too: whoever shows a line keeps it apart from what is around it. Control characters are shown
by their symbols, so that every store can hold them and nobody's terminal obeys them.
"""

import unicodedata
from collections import deque
from collections.abc import Iterable
from itertools import islice

from games.protocol import InvalidMessage, Preset

WORDS = {Preset.GOOD_LUCK: "Good luck", Preset.GOOD_GAME: "Good game", Preset.THANKS: "Thanks"}
"""What presets say."""
LONGEST = 140
"""Characters (code points) of a line."""
REMEMBERED = 2
"""Of how many of one's own last lines in a game the next must not be a repeat."""
WINDOW = 10.0
"""Seconds in which lines are counted."""

_CONTROL_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = 0x7F, 0x2421
_C1 = range(0x80, 0xA0)
_REPLACEMENT = 0xFFFD
_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
_SHOWN_AS = (
    {code: _CONTROL_PICTURES + code for code in range(0x20)}
    | {_DELETE: _DELETE_PICTURE}
    | dict.fromkeys(_C1, _REPLACEMENT)
    | {ord(character): " " for character in _BREAKS}
)


def read(text: str) -> str:
    r"""A line as it is stored and shown.

    Args:
        text: as it was sent.

    Raises:
        InvalidMessage: nothing of it can be seen, or it is too long.

    >>> read(" NUL is shown:\0 "), read("one\nline")
    ('NUL is shown:␀', 'one line')
    """
    if len(text) > LONGEST:
        raise InvalidMessage(f"A line has at most {LONGEST} characters.")
    shown = text.translate(_SHOWN_AS).strip()
    if not _visible(shown):
        raise InvalidMessage("A line without anything to be seen is none.")
    return shown


def _visible(text: str) -> str:
    """What of a text can be seen, whatever its size of letters."""
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in _INVISIBLE)
    return "".join(seen).translate(_BLANK).casefold()


_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cs"})
_BLANK = dict.fromkeys([0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x034F, *range(0xFE00, 0xFE10)])
"""Characters that are no spaces by their category, and look like them: fillers, an empty Braille cell, selectors."""


def repeats(text: str, last: Iterable[str]) -> bool:
    """Whether a line says what one of somebody's own last lines said; spaces and size of letters count for nothing.

    Args:
        text: as `read` gave it.
        last: the newest first.

    >>> repeats("Hello!", ["x", "hel lo!"]), repeats("Hello!", ["x", "y", "Hello!"])
    (True, False)
    """
    return _visible(text) in {_visible(line) for line in islice(last, REMEMBERED)}


class Pace:
    """Lines in a moving window: so many in `WINDOW` seconds.

    Args:
        most: how many.
    """

    __slots__ = ("_most", "_times")

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count a line, unless it is one too many.

        Args:
            now: seconds of a clock that never goes back.
        """
        self.forget(now)
        if len(self._times) >= self._most:
            return False
        self._times.append(now)
        return True

    def give_back(self) -> None:
        """The last line was not said after all."""
        if self._times:
            self._times.pop()

    def forget(self, now: float) -> bool:
        """Forget what lies before the window; whether nothing is left."""
        while self._times and self._times[0] <= now - WINDOW:
            self._times.popleft()
        return not self._times
