"""Glicko-2: a rating, how sure it is, and how a game changes both. Arithmetic only.

After Mark Glickman, "Example of the Glicko-2 system" (2022, http://www.glicko.net/glicko/glicko2.pdf), whose steps and
letters the code names. Ratings change with each game, and a deviation grows by the fraction of a rating period that has
passed since the game before, as lichess has it; so have the constants.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TAU = 0.75
"""How much a volatility may change."""
PERIODS_A_DAY = 0.21436
"""With it a deviation of 60 grows to 110 within a year without games."""
LOWEST_RATING = 400.0
LEAST_DEVIATION, MOST_DEVIATION = 45.0, 500.0
MOST_VOLATILITY = 0.1
MOST_CHANGE = 700.0
"""A game changes a rating by no more."""
PROVISIONAL_FROM = 110.0
"""A rating with this deviation is a guess."""

_SCALE = 173.7178
_MEAN = 1500.0
_TOLERANCE = 1e-6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rating:
    """What is known of a player's strength.

    Attributes:
        rating: points.
        deviation: points; the strength lies within two of them with 95% certainty.
        volatility: how much the strength itself changes.
    """

    rating: float = _MEAN
    deviation: float = MOST_DEVIATION
    volatility: float = 0.09

    @property
    def is_provisional(self) -> bool:
        """Whether more games are needed before the rating says much."""
        return self.deviation >= PROVISIONAL_FROM


def periods_between(last: datetime | None, now: datetime) -> float:
    """Rating periods that have passed since the last game.

    Args:
        last: when that ended; None before the first game.
        now: when this one ended; clocks of two machines may put it before ``last``, which counts as no time.
    """
    return 0.0 if last is None else max(0.0, (now - last) / _DAY * PERIODS_A_DAY)


def aged(rating: Rating, periods: float) -> Rating:
    """A rating after some time without games: less sure.

    Args:
        rating: after the last game.
        periods: not negative.
    """
    phi = rating.deviation / _SCALE
    grown = math.sqrt(phi**2 + periods * rating.volatility**2) * _SCALE
    return Rating(rating.rating, min(grown, MOST_DEVIATION), rating.volatility)


def after_games(player: Rating, results: Sequence[tuple[Rating, float]], periods: float, tau: float = TAU) -> Rating:
    """A player's rating after games, of which there is one as a rule.

    Args:
        player: after the games before.
        results: for each game the opponent, as rated before it, and the player's score: 1 for a win, 0.5 for a draw, 0
            for a loss. At least one.
        periods: rating periods since the player's game before; not negative.
        tau: how much a volatility may change.
    """
    mu, phi = _scaled(player)
    information = surprise = 0.0
    for opponent, score in results:
        mu_j, phi_j = _scaled(opponent)
        g = 1 / math.sqrt(1 + 3 * phi_j**2 / math.pi**2)
        expected = 1 / (1 + math.exp(-g * (mu - mu_j)))
        information += g**2 * expected * (1 - expected)
        surprise += g * (score - expected)
    v = 1 / information  # step 3
    volatility = min(_new_volatility(phi, player.volatility, v, v * surprise, tau), MOST_VOLATILITY)  # steps 4 and 5
    phi_star = math.sqrt(phi**2 + periods * volatility**2)  # step 6, with a fraction of a period
    new_phi = 1 / math.sqrt(1 / phi_star**2 + information)  # step 7
    change = new_phi**2 * surprise * _SCALE
    return Rating(
        max(LOWEST_RATING, player.rating + max(-MOST_CHANGE, min(change, MOST_CHANGE))),
        max(LEAST_DEVIATION, min(new_phi * _SCALE, MOST_DEVIATION)),
        volatility,
    )


def _scaled(rating: Rating) -> tuple[float, float]:
    return (rating.rating - _MEAN) / _SCALE, rating.deviation / _SCALE  # step 2


def _new_volatility(phi: float, sigma: float, v: float, delta: float, tau: float) -> float:
    """Step 5: the root of ``f`` by the Illinois algorithm."""
    a = math.log(sigma**2)

    def f(x: float) -> float:
        spread = phi**2 + v + math.exp(x)
        return math.exp(x) * (delta**2 - spread) / (2 * spread**2) - (x - a) / tau**2

    low = a
    if delta**2 > phi**2 + v:
        high = math.log(delta**2 - phi**2 - v)
    else:
        steps = 1
        while f(a - steps * tau) < 0:
            steps += 1
        high = a - steps * tau
    f_low, f_high = f(low), f(high)
    while abs(high - low) > _TOLERANCE:
        middle = low + (low - high) * f_low / (f_high - f_low)
        f_middle = f(middle)
        if f_middle * f_high <= 0:
            low, f_low = high, f_high
        else:
            f_low /= 2
        high, f_high = middle, f_middle
    return math.exp(low / 2)
