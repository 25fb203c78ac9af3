"""The ballot: openings of four plies after which the game is a draw, both sides playing perfectly.

All positions after four plies, up to mirror images: 568, of which the side to move wins 349, loses 118 and draws 101
(`manage.py openings` computes that with our engine, and compares the list below with it).
"""

import secrets
import threading
from enum import StrEnum
from typing import Final

from games.rules.board import COLUMNS

PLIES: Final = 4
_DRAWN = """
    1122 1123 1124 1132 1133 1134 1173 1174 1176 1213 1216 1217 1237 1252 1254 1255 1257 1262 1263 1266 1267 1273
    1311 1316 1325 1334 1346 1354 1427 1435 1436 1445 1457 1465 1516 1533 1535 1664 1733 1766 1771 1773 2111 2112
    2113 2115 2131 2132 2133 2135 2162 2166 2167 2221 2224 2253 2254 2255 2257 2262 2264 2343 2422 2433 2435 2436
    2437 2444 2455 2533 2535 2664 2755 2773 3113 3114 3115 3116 3133 3154 3222 3243 3246 3252 3254 3255 3256 3333
    3345 3433 3444 3533 3545 3555 3633 3663 3775 4115 4244 4333 4344
"""
DRAWN: Final = tuple(_DRAWN.split())
"""Columns counted from 1, in the order of play; of a position and its mirror image one."""


LEAST_LEFT: Final = 50
"""Openings among which each draw chooses, at least: nobody who has seen all games so far knows the next one."""


class Ballot:
    """Gives each opening equally often: drawn from a deck, to which all are added again when few are left.

    For any thread. It knows nothing of other processes: each has a deck of its own, and chance makes up for that.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deck: list[str] = []

    def draw(self) -> str:
        """The opening of one game, mirror images too."""
        with self._lock:
            if len(self._deck) <= LEAST_LEFT:
                self._deck += [*DRAWN, *map(mirrored, DRAWN)]
            place = secrets.randbelow(len(self._deck))
            self._deck[place], self._deck[-1] = self._deck[-1], self._deck[place]
            return self._deck.pop()


class Opening(StrEnum):
    """What is on the board when a game starts."""

    NONE = "none"
    BALLOT = "ballot"

    @property
    def plies(self) -> int:
        """How many discs."""
        return PLIES if self is Opening.BALLOT else 0

    def draw(self) -> str:
        """Its plies for one game, as notation: by chance, each equally often; empty where there are none."""
        return _ballot.draw() if self is Opening.BALLOT else ""


def mirrored(opening: str) -> str:
    """The mirror image of an opening.

    >>> mirrored("1244")
    '7644'
    """
    return "".join(str(COLUMNS + 1 - int(digit)) for digit in opening)


def columns_of(opening: str) -> list[int]:
    """The moves of an opening, columns counted from 0."""
    return [int(digit) - 1 for digit in opening]


def is_of_ballot(opening: str) -> bool:
    """Whether an opening, or its mirror image, is in the list."""
    return opening in DRAWN or mirrored(opening) in DRAWN


_ballot: Final = Ballot()
