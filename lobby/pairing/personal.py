"""What a lobby tells one person alone: their seek, and the game that they were paired into."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from games.protocol import Answer, Paired, SeekEnded, Seeking, SeekObject
from lobby.pairing import seeks

News = tuple[int, str, Any]
"""What happened to a person, as processes tell each other: whose, one of the kinds below, and what belongs to it."""
SEEK, PAIRED, OPENED = "seek", "paired", "opened"


@dataclass(slots=True)
class Personal:
    """What a process knows of somebody who is connected to it.

    Attributes:
        seek: their seek, if they have one.
        paired: the game that they were paired into just now and have not opened.
        changes: how often something was taken in.
    """

    seek: SeekObject | None = None
    paired: str | None = None
    changes: int = 0

    @property
    def is_told(self) -> bool:
        """Whether there is anything that a snapshot tells."""
        return self.seek is not None or self.paired is not None

    def take_in(self, kind: str, value: Any) -> list[Answer]:
        """Take in what happened; what the person is to hear of it.

        Args:
            kind: of the news.
            value: the seek or None; the game's ID.
        """
        self.changes += 1
        if kind == SEEK:
            self.seek = None if value is None else msgspec.convert(value, SeekObject)
            return [SeekEnded() if self.seek is None else _seeking(self.seek)]
        if kind == PAIRED:
            self.seek, self.paired = None, value
            return [Paired(game=value), SeekEnded()]
        if kind == OPENED and self.paired == value:
            self.paired = None
        return []

    def news_of(self, stored: "Personal", player_id: int) -> list[News]:
        """What has happened without our hearing of it.

        Args:
            stored: what the store says.
            player_id: whose this is.
        """
        if stored.paired not in (None, self.paired):
            return [(player_id, PAIRED, stored.paired)]
        if stored.seek != self.seek:
            return [(player_id, SEEK, msgspec.to_builtins(stored.seek))]
        return []


def read(player_ids: Iterable[int], now: datetime) -> dict[int, Personal]:
    """What the store says of people.

    Args:
        player_ids: whose.
        now: the store's time.
    """
    ids = [*player_ids]
    standing, paired = seeks.standing(ids, now), seeks.unopened(ids, now)
    return {pk: Personal(standing.get(pk), paired.get(pk)) for pk in ids}


def _seeking(seek: SeekObject) -> Seeking:
    return Seeking(time_control=seek.time_control, rated=seek.rated, since=seek.since)
