"""Rows of timed games in which a side has little time left."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from games.game.standing import MoveTime
from games.models import MOVE, Change, Game
from games.rules.clock import Charge, Clock
from games.rules.time_controls import Countdown

BEGUN = "4455"
"""Both have moved twice, and participant 1 is to move."""


def give_times(game: Game, log: Sequence[Change], control: Countdown, left_ms: tuple[int, int]) -> None:
    """Make a game a timed one: of its last two discs each has cost so much that its side has so much left.

    Args:
        game: its row, not yet saved.
        log: the rows of its log, not yet saved, with two discs or more of each side; participant 1 began.
        control: its time control, without increment.
        left_ms: of participants 1 and 2.
    """
    game.initial, game.increment = control.initial, control.increment
    clock, discs = Clock.start(control), [row for row in log if row.kind == MOVE]
    for ply, row in enumerate(discs, start=1):
        seat = 1 if ply % 2 else 2
        is_last = ply > len(discs) - 2
        charge = Charge(clock.remaining_ms[seat - 1] - left_ms[seat - 1] if is_last else 0)
        clock = clock.moved(seat, charge)
        time = MoveTime(charge.charged_ms, 0, 0, clock.remaining_ms)
        row.body = msgspec.json.encode(time).decode()
    game.due_at = log[-1].at + timedelta(milliseconds=min(left_ms))
