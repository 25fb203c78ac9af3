"""How much one connection may say, at its edges; the clock is ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.access.limits import Allowance, Ruling

MESSAGES, WINDOW = 100, 20.0


@pytest.fixture
def allowance() -> Allowance:
    return Allowance(MESSAGES, WINDOW, 0.0)


def rulings(allowance: Allowance, count: int, now: float) -> list[Ruling]:
    return [allowance.rule(now) for _ in range(count)]


def test_the_last_allowed_passes_and_the_next_is_refused(allowance: Allowance) -> None:
    assert rulings(allowance, MESSAGES, 0.0) == [Ruling.TAKE] * MESSAGES
    assert allowance.rule(0.0) is Ruling.REFUSE


def test_time_releases_one_after_the_other(allowance: Allowance) -> None:
    rulings(allowance, MESSAGES, 0.0)
    interval = WINDOW / MESSAGES
    assert allowance.rule(interval * 0.99) is Ruling.REFUSE
    assert rulings(allowance, 2, interval * 1.01) == [Ruling.TAKE, Ruling.REFUSE]
    assert rulings(allowance, MESSAGES, WINDOW * 1.1) == [Ruling.TAKE] * MESSAGES


def test_ten_times_over_at_once_is_the_end(allowance: Allowance) -> None:
    said = rulings(allowance, MESSAGES * 10, 0.0)
    assert Ruling.CLOSE not in said[:-1]
    assert said[-1] is Ruling.CLOSE


def test_kept_up_for_three_windows_is_the_end(allowance: Allowance) -> None:
    rulings(allowance, MESSAGES + 1, 0.0)
    step, now = WINDOW / MESSAGES / 1.5, 0.0
    while now + step < 3 * WINDOW:
        now += step
        assert allowance.rule(now) is not Ruling.CLOSE
    assert Ruling.CLOSE in rulings(allowance, 2, 3 * WINDOW)


def test_who_slows_down_is_forgiven(allowance: Allowance) -> None:
    rulings(allowance, MESSAGES * 5, 0.0)
    assert allowance.rule(WINDOW) is Ruling.TAKE
    rulings(allowance, MESSAGES * 5, WINDOW)
    assert Ruling.CLOSE not in rulings(allowance, MESSAGES * 4, 3 * WINDOW + 1)


@given(st.lists(st.floats(0, 5), max_size=300))
def test_never_more_than_a_window_full_beyond_the_rate(gaps: list[float]) -> None:
    allowance, now, taken = Allowance(10, WINDOW, 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        taken += allowance.rule(now) is Ruling.TAKE
        assert taken <= 10 + now * 10 / WINDOW + 1e-6
