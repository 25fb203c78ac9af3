"""Who is connected to one game: here, and in other processes."""

from collections import Counter
from datetime import datetime

from django.utils import timezone

from games.protocol import Presence

Counts = tuple[int, int, int]
"""Spectators, connections of participant 1, of participant 2."""
NOBODY: Counts = (0, 0, 0)


class Audience:
    """Who is connected to one game: here, by seat (0 for spectators), and in other processes."""

    __slots__ = ("announced", "away_since", "elsewhere", "here", "missing", "present", "told")

    def __init__(self) -> None:
        self.here: Counter[int] = Counter()
        self.elsewhere: dict[str, Counts] = {}
        self.present: set[int] = set()
        self.away_since: dict[int, datetime] = {}
        self.missing: dict[int, tuple[float, datetime]] = {}
        """Since when each seat is known here to be away, by the pace and by the time of day."""
        self.told: Presence | None = None
        self.announced: Counts = (0, 0, 0)

    @property
    def counts(self) -> Counts:
        """Of this process: spectators, connections of participant 1 and of participant 2."""
        return self.here[0], self.here[1], self.here[2]

    def total(self, seat: int) -> int:
        """Connections of a seat, or spectators, in all processes."""
        return self.here[seat] + sum(counts[seat] for counts in self.elsewhere.values())

    def note_seats(self, now: float) -> None:
        """Keep in mind since when a participant who was there is away.

        Args:
            now: by the pace.
        """
        for seat in (1, 2):
            if self.total(seat):
                self.missing.pop(seat, None)
            else:
                self.missing.setdefault(seat, (now, timezone.now()))
            if self.total(seat):
                self.present.add(seat)
                self.away_since.pop(seat, None)
            elif seat in self.present:
                self.present.discard(seat)
                self.away_since[seat] = timezone.now()
