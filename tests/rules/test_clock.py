"""The arithmetic of clocks, by examples and by properties that hold for every game."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.rules.clock import ADDED_MS, MAX_GRACE_MS, Charge, Clock
from games.rules.time_controls import DAYS_PER_MOVE, Countdown, Days, Speed, speed_of

BLITZ = Countdown(60, 0)

countdowns = st.builds(Countdown, st.integers(15, 3600), st.integers(0, 60))
durations = st.integers(0, 4_000_000)
lags = st.none() | st.integers(0, 5_000)
moves = st.lists(st.tuples(durations, st.none() | durations, lags), max_size=42)


@pytest.mark.parametrize(
    ("initial", "increment", "speed"),
    [
        (30, 0, Speed.BULLET), (20, 1, Speed.BULLET), (44, 0, Speed.BULLET), (45, 0, Speed.BLITZ), (60, 0, Speed.BLITZ),
        (60, 1, Speed.BLITZ), (120, 0, Speed.BLITZ), (149, 0, Speed.BLITZ), (150, 0, Speed.RAPID),
        (180, 2, Speed.RAPID), (300, 3, Speed.RAPID), (15, 2, Speed.BLITZ), (15, 9, Speed.RAPID),
    ],
)  # fmt: skip
def test_the_speed_follows_from_what_a_usual_game_takes(initial: int, increment: int, speed: Speed) -> None:
    assert speed_of(Countdown(initial, increment)) is speed


def test_days_are_correspondence_and_nothing_is_untimed() -> None:
    assert {speed_of(Days(days)) for days in DAYS_PER_MOVE} == {Speed.CORRESPONDENCE}
    assert speed_of(None) is Speed.UNTIMED


@pytest.mark.parametrize(("initial", "increment"), [(14, 0), (3601, 0), (0, 0), (-60, 0), (60, -1), (60, 61)])
def test_a_countdown_out_of_range_is_refused(initial: int, increment: int) -> None:
    with pytest.raises(ValueError, match="15 to 3600"):
        Countdown(initial, increment)


@pytest.mark.parametrize("days", [0, 4, -1, 15])
def test_days_that_are_not_offered_are_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1, 2, 3, 7, 14"):
        Days(days)


def test_first_moves_are_free_and_get_no_increment() -> None:
    clock = Clock.start(Countdown(60, 5))
    charge = clock.charge(1, 14_000, None, None)
    assert charge == Charge(0)
    assert not clock.runs_for(1)
    after = clock.moved(1, charge)
    assert after.remaining_ms == (60_000, 60_000)
    assert after.runs_for(1)
    assert not after.runs_for(2)
    assert not after.have_both_moved
    assert after.moved(2, after.charge(2, 0, None, None)).have_both_moved


def test_the_time_for_a_first_move_depends_on_the_speed() -> None:
    limits = [Clock.start(Countdown(seconds, 0)).limit_ms(1) for seconds in (30, 60, 300)]
    assert limits == [15_000, 20_000, 30_000]
    clock = Clock.start(BLITZ)
    assert not clock.is_too_late(1, 19_999, Charge(0))
    assert clock.is_too_late(1, 20_000, Charge(0))
    assert clock.flag_ms(1) == 20_000


def both_moved(control: Countdown) -> Clock:
    clock = Clock.start(control)
    return clock.moved(1, Charge(0)).moved(2, Charge(0))


def test_later_moves_are_charged_and_get_the_increment() -> None:
    clock = both_moved(Countdown(60, 2))
    charge = clock.charge(1, 5_000, 5_000, None)
    assert charge.charged_ms == 5_000
    assert clock.moved(1, charge).remaining_ms == (57_000, 60_000)


def test_a_constant_lag_of_150_ms_costs_nothing_at_one_minute() -> None:
    clock = both_moved(BLITZ)
    for _ in range(20):
        clock = clock.moved(1, clock.charge(1, 1_150, 1_000, 150))
    assert clock.remaining_ms[0] == 60_000 - 20 * 1_000


def test_who_claims_to_think_no_time_gains_the_quota_and_no_more() -> None:
    clock = both_moved(BLITZ)
    spent, quota = 0, 3 * BLITZ.gain_ms
    for _ in range(20):
        charge = clock.charge(1, 2_000, 0, 30)
        clock = clock.moved(1, charge)
        spent += charge.charged_ms
    assert 40_000 - spent <= quota + 20 * (30 + 140)


def test_without_a_word_of_the_client_the_measured_lag_counts() -> None:
    clock = both_moved(BLITZ)
    assert clock.charge(1, 2_000, None, None).charged_ms == 2_000
    assert clock.charge(1, 2_000, None, 300).charged_ms == 1_700
    assert clock.charge(1, 200, None, 300).charged_ms == 0


def test_a_thought_longer_than_what_elapsed_counts_as_what_elapsed() -> None:
    assert both_moved(BLITZ).charge(1, 2_000, 2**62, 100).charged_ms == 2_000


@pytest.mark.parametrize(("elapsed", "thought", "lag"), [(-1, None, None), (0, -1, None), (0, None, -1)])
def test_negative_durations_are_refused(elapsed: int, thought: int | None, lag: int | None) -> None:
    with pytest.raises(ValueError, match="negative"):
        both_moved(BLITZ).charge(1, elapsed, thought, lag)


def test_at_zero_the_time_is_over() -> None:
    clock = both_moved(BLITZ)
    assert clock.is_too_late(1, 60_000, Charge(60_000))
    assert not clock.is_too_late(1, 59_999, Charge(59_999))
    assert clock.flag_ms(1) == 60_000 + 3 * BLITZ.gain_ms
    assert both_moved(Countdown(3600, 0)).flag_ms(1) == 3_600_000 + MAX_GRACE_MS
    assert clock.flagged(1).remaining_ms == (0, 60_000)


def test_days_begin_anew_with_each_move_and_run_from_the_first() -> None:
    clock = Clock.start(Days(2))
    assert clock.runs_for(1)
    charge = clock.charge(1, 100_000_000, 0, 0)
    assert charge == Charge(100_000_000)
    assert clock.moved(1, charge).remaining_ms == (172_800_000, 172_800_000)
    assert clock.is_too_late(1, 172_800_000, Charge(172_800_000))
    assert clock.flag_ms(1) == 172_800_000
    assert clock.addable_ms(1) == 0


def test_time_is_added_up_to_twice_the_initial_time() -> None:
    clock = both_moved(Countdown(20, 0))
    assert clock.addable_ms(2) == ADDED_MS
    clock = clock.given_time(2, clock.addable_ms(2))
    assert clock.addable_ms(2) == 5_000
    clock = clock.given_time(2, clock.addable_ms(2))
    assert clock.remaining_ms == (20_000, 40_000)
    assert clock.addable_ms(2) == 0


def test_a_takeback_leaves_the_clocks_and_a_clock_that_ran_goes_on() -> None:
    clock = both_moved(BLITZ)
    clock = clock.moved(1, clock.charge(1, 9_000, 9_000, None))
    back = clock.taken_back((0, 0))
    assert back.remaining_ms == clock.remaining_ms
    assert back.runs_for(1)
    assert back.runs_for(2)
    assert Clock.start(BLITZ).moved(1, Charge(0)).taken_back((0, 0)).runs_for(2) is False


@given(countdowns, moves)
def test_what_holds_for_every_game(control: Countdown, played: list[tuple[int, int | None, int | None]]) -> None:
    clock = Clock.start(control)
    charges = []
    for number, (elapsed, thought, lag) in enumerate(played):
        seat = 1 + number % 2
        charge = clock.charge(seat, elapsed, thought, lag)
        quota_ms = clock.quotas_ms[seat - 1]
        assert charge.compensation_ms <= quota_ms
        if clock.runs_for(seat):
            assert charge.charged_ms + charge.compensation_ms == elapsed
        # A flag never falls before the moment from which on no move can be in time any more.
        if elapsed >= clock.flag_ms(seat) and quota_ms <= MAX_GRACE_MS:
            assert clock.is_too_late(seat, elapsed, charge)
        if clock.is_too_late(seat, elapsed, charge):
            assert clock.flagged(seat).remaining_ms[seat - 1] == 0
            break
        clock = clock.moved(seat, charge)
        charges.append((seat, charge))
        assert min(clock.remaining_ms) >= 0
        assert all(0 <= quota_ms <= 7 * control.gain_ms for quota_ms in clock.quotas_ms)
    replayed = Clock.start(control)
    for seat, charge in charges:
        replayed = replayed.moved(seat, charge)
    assert replayed == clock


@given(countdowns, moves)
def test_no_move_brings_a_flag_nearer_than_it_was_said_to_be(
    control: Countdown, played: list[tuple[int, int | None, int | None]]
) -> None:
    """A timer that was set for both sides need not be set anew when somebody moves."""
    clock, now, rings_at = Clock.start(control), 0, 0
    for number, (elapsed, thought, lag) in enumerate(played):
        seat = 1 + number % 2
        rings_at = max(rings_at, now + min(clock.flag_ms(seat), clock.soonest_ms(3 - seat)))
        flag_at = now + clock.flag_ms(seat)
        assert rings_at <= flag_at
        if now + elapsed >= rings_at:
            rings_at = 0  # it rings, and is set again
        charge = clock.charge(seat, elapsed, thought, lag)
        if elapsed >= clock.flag_ms(seat) or clock.is_too_late(seat, elapsed, charge):
            break
        clock, now = clock.moved(seat, charge), now + elapsed
