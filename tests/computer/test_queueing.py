"""How long games that end are gathered until their reviews are queued in one transaction."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from games.computer.reviews import queueing
from games.computer.reviews.queueing import GATHERING, LONGEST_GATHERING, Queueing
from games.game.changes import Drop


class Loop:
    """An event loop whose timers ring when they are told to."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._ring: Callable[[], None] | None = None

    def time(self) -> float:
        return 0.0

    def call_at(self, at: float, callback: Callable[[], None]) -> None:
        self.waits.append(at)
        self._ring = callback

    def ring(self) -> None:
        assert self._ring is not None
        self._ring()


class Ended:
    """A game that has just ended, as far as this is concerned."""

    is_finished = True
    participant2 = "somebody"

    def __init__(self, number: int) -> None:
        self.id = f"GAME{number}"


class Written:
    """Takes what is to be written."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def offer(self, function: Any, ended: set[str]) -> bool:
        self.batches.append(len(ended))
        return True


def test_the_more_games_end_the_longer_they_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, written = Loop(), Written()
    monkeypatch.setattr(queueing.asyncio, "get_running_loop", lambda: loop)
    reviews = Queueing(written, timezone.now, lambda: None)  # type: ignore[arg-type]  # stands for the writes
    last = Drop(game_id="GAME0", number=8, at=timezone.now(), seat=1, column=3)
    for count in (1, 3, 100, 1, 1):
        for number in range(count):
            reviews.hint(Ended(number), last)  # type: ignore[arg-type]  # stands for a live game
        loop.ring()
    assert written.batches == [1, 3, 100, 1, 1]
    assert loop.waits == [0.0, GATHERING, 3 * GATHERING, LONGEST_GATHERING, GATHERING]
