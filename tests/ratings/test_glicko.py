"""Glicko-2, against the figures of its paper, against another implementation, and by what holds for all ratings."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from glicko2 import Player
from hypothesis import given
from hypothesis import strategies as st

from games.ratings.glicko import (
    LEAST_DEVIATION,
    LOWEST_RATING,
    MOST_CHANGE,
    MOST_DEVIATION,
    MOST_VOLATILITY,
    Rating,
    after_games,
    aged,
    periods_between,
)

ratings = st.builds(Rating, st.floats(400, 3200), st.floats(45, 500), st.floats(0.01, 0.1))
scores = st.sampled_from([0.0, 0.5, 1.0])
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Oracle(Player):  # type: ignore[misc]  # untyped
    """The library's player, with the deviation where the paper has it and the library (2.1) the rating."""

    _tau = 0.75

    def _f(self, x: float, delta: float, v: float, a: float) -> float:
        phi, ex = self.rd / 173.7178, math.exp(x)
        spread = phi**2 + v + ex
        return float(ex * (delta**2 - spread) / (2 * spread**2) - (x - a) / self._tau**2)


def test_the_example_of_the_paper() -> None:
    player = Rating(1500, 200, 0.06)
    results = [(Rating(1400, 30), 1.0), (Rating(1550, 100), 0.0), (Rating(1700, 300), 0.0)]
    after = after_games(player, results, periods=1, tau=0.5)
    assert after.rating == pytest.approx(1464.06, abs=0.01)
    assert after.deviation == pytest.approx(151.52, abs=0.01)
    assert after.volatility == pytest.approx(0.05999, abs=0.00001)


@given(ratings, ratings, scores)
def test_the_same_as_another_implementation(player: Rating, opponent: Rating, score: float) -> None:
    theirs = Oracle(rating=player.rating, rd=player.deviation, vol=player.volatility)
    theirs.update_player([opponent.rating], [opponent.deviation], [score])
    ours = after_games(player, [(opponent, score)], periods=1)
    assert ours.volatility == pytest.approx(min(theirs.vol, MOST_VOLATILITY), abs=1e-5)
    within_bounds = theirs.rating > LOWEST_RATING and abs(theirs.rating - player.rating) < MOST_CHANGE
    if within_bounds and LEAST_DEVIATION < theirs.rd < MOST_DEVIATION and theirs.vol < MOST_VOLATILITY:
        assert ours.rating == pytest.approx(theirs.rating, abs=0.02)
        assert ours.deviation == pytest.approx(theirs.rd, abs=0.02)


@given(ratings, ratings, scores, st.floats(0, 1000))
def test_what_holds_for_every_game(player: Rating, opponent: Rating, score: float, periods: float) -> None:
    after = after_games(player, [(opponent, score)], periods)
    assert LOWEST_RATING <= after.rating <= player.rating + MOST_CHANGE
    assert LEAST_DEVIATION <= after.deviation <= MOST_DEVIATION
    assert 0 < after.volatility <= MOST_VOLATILITY
    if score == 1:
        assert after.rating >= player.rating
    if score == 0:
        assert after.rating <= max(player.rating, LOWEST_RATING)


@given(ratings, ratings, st.floats(0, 10))
def test_a_win_is_worth_more_than_a_draw_and_a_draw_more_than_a_loss(
    player: Rating, opponent: Rating, periods: float
) -> None:
    lost, drawn, won = (after_games(player, [(opponent, score)], periods).rating for score in (0.0, 0.5, 1.0))
    assert lost <= drawn <= won


def test_a_first_win_moves_a_newcomer_far_and_a_settled_player_little() -> None:
    newcomer = after_games(Rating(), [(Rating(1500, 50), 1.0)], 0)
    settled = after_games(Rating(1500, 50), [(Rating(1500, 50), 1.0)], 0)
    assert newcomer.rating - 1500 > 200
    assert 3 < settled.rating - 1500 < 10
    assert newcomer.is_provisional
    assert not settled.is_provisional


def test_a_year_without_games_makes_a_rating_provisional() -> None:
    rested = aged(Rating(1800, 60, 0.06), periods_between(NOW - timedelta(days=365), NOW))
    assert rested.deviation == pytest.approx(110, abs=1)
    assert rested.rating == 1800
    assert aged(Rating(1800, 499), 1e6).deviation == MOST_DEVIATION


def test_time_that_runs_backwards_is_no_time() -> None:
    assert periods_between(NOW + timedelta(days=1), NOW) == 0
    assert periods_between(None, NOW) == 0
    assert periods_between(NOW - timedelta(days=100), NOW) == pytest.approx(21.436)
