"""Time as it passes for people: a process that stands still stops it."""

from hypothesis import given
from hypothesis import strategies as st

from games.registry.pace import LEFT_AFTER, PAUSE, RETURN_WITHIN, TICK, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_time_passes_while_the_clock_is_looked_at() -> None:
    clock = Clock()
    pace = Pace(clock)
    began = pace.now()
    for _ in range(40):
        clock.now += TICK
        pace.now()
    assert pace.now() - began == 10


def test_a_stop_takes_no_time_also_where_a_socket_is_read_first() -> None:
    clock = Clock()
    pace = Pace(clock)
    began = pace.now()
    clock.now += 0.5
    assert pace.now() - began == 0.5
    clock.now += 2.5
    assert pace.now() - began == 0.5
    clock.now += 0.25
    assert pace.now() - began == 0.75


@given(st.lists(st.floats(0, 30), max_size=30))
def test_it_never_goes_back(gaps: list[float]) -> None:
    clock = Clock()
    pace = Pace(clock)
    readings = [pace.now()]
    for gap in gaps:
        clock.now += gap
        readings.append(pace.now())
    assert readings == sorted(readings)
    assert readings[-1] - readings[0] <= sum(gap for gap in gaps if gap <= PAUSE) + 1e-6


@given(st.lists(st.floats(0, LEFT_AFTER - 0.001), max_size=30))
def test_it_counts_short_gaps_whole(gaps: list[float]) -> None:
    clock = Clock()
    pace = Pace(clock)
    readings, passed = [pace.now()], 0.0
    for gap in gaps:
        before = clock.now
        clock.now += gap
        passed += clock.now - before if clock.now - before <= PAUSE else 0
        readings.append(pace.now())
    assert readings == sorted(readings)
    assert abs(readings[-1] - readings[0] - passed) < 1e-6


def test_after_a_long_pause_people_have_time_to_come_back() -> None:
    clock = Clock()
    pace = Pace(clock)
    began = pace.now()
    clock.now += LEFT_AFTER + 1
    assert pace.has_just_paused
    for _ in range(24):
        clock.now += TICK
        pace.now()
    assert round(pace.now() - began, 6) == 6 - RETURN_WITHIN
    assert not pace.has_just_paused


def test_after_a_short_one_nobody_is_flagged_for_a_moment() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert not pace.has_just_paused
    clock.now += 2
    assert pace.has_just_paused
    for _ in range(8):
        clock.now += TICK
        assert pace.now()
    assert not pace.has_just_paused


def test_what_it_was_some_time_ago() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(20):
        clock.now += TICK
        pace.now()
    assert pace.now() - pace.ago(3) == 3
    clock.now += LEFT_AFTER - 0.5  # a pause
    resumed = pace.now()
    clock.now += 0.5
    assert pace.now() == resumed + 0.5
    assert pace.ago(0.25) == resumed + 0.25
    assert pace.ago(3) == resumed
    clock.now += LEFT_AFTER + 1  # a longer one, after which people have to come back first
    resumed = pace.now()
    clock.now += 0.5
    assert pace.ago(0.25) == pace.now() == resumed
