"""A guide, not a promise: rules slow enough to be felt would be a mistake in them."""

import timeit

from games.rules.board import Position


def test_a_drop_costs_microseconds() -> None:
    position = Position.from_columns([3, 3, 2, 4])
    best = min(timeit.repeat(lambda: position.play(3), number=10_000, repeat=5)) / 10_000
    assert best < 10e-6  # about 1 on an idle core; the rest is room for a busy machine
