"""What speaks for a suspicion: the games behind somebody's figures."""

import math
from dataclasses import dataclass

from games.honesty.models import GameConduct
from games.honesty.population import Population
from games.honesty.weighing import NEWEST
from games.models import Game, Player


@dataclass(frozen=True, slots=True)
class GameEvidence:
    """One game of somebody's.

    Attributes:
        row: its figures.
        opponent: who had the other seat.
        result: ``won``, ``lost`` or ``drawn``.
    """

    row: GameConduct
    opponent: Player | None
    result: str

    @property
    def game(self) -> Game:
        """The game itself."""
        return self.row.game

    @property
    def percent(self) -> int | None:
        """The share of best moves; None without a position that is not trivial."""
        return percent(self.row.best, self.row.choices)

    @property
    def time(self) -> str:
        """The usual time of a move, in words."""
        return usual_time(self.row)


def games_of(player_id: int) -> list[GameEvidence]:
    """The games that are counted, the newest first.

    Args:
        player_id: a player's primary key.
    """
    rows = GameConduct.objects.filter(player=player_id).order_by("-end_time", "-pk")
    return [_evidence(row) for row in rows.select_related("game__participant1", "game__participant2")[:NEWEST]]


def percent(part: int, whole: int) -> int | None:
    """A share in percent; None of nothing."""
    return round(100 * part / whole) if whole else None


def spread_in_words(spread: float | None) -> str:
    """How even move times are, in words that need no logarithm.

    >>> spread_in_words(0.0), spread_in_words(0.6931), spread_in_words(None)
    ('all alike', 'within a factor of 2.0 two times in three', 'too few')
    """
    factor = factor_of(spread)
    return f"within a {factor} two times in three" if factor.startswith("factor") else factor


def factor_of(spread: float | None) -> str:
    """The same in short, without how often.

    >>> factor_of(0.0), factor_of(0.6931), factor_of(None)
    ('all alike', 'factor of 2.0', 'too few')
    """
    if spread is None:
        return "too few"
    return f"factor of {math.exp(spread):.1f}" if spread >= 0.01 else "all alike"


def usual_in_words(now: Population) -> str:
    """What is usual among people: beside it somebody's figures say something.

    >>> from games.honesty.population import Usual
    >>> left = Usual(0.02, 0.01)
    >>> usual_in_words(Population(40, Usual(0.0, 0.3), None, left)), usual_in_words(Population(3, None, None, None))
    ('50% best moves; page left in 2% of turns', 'not known: too few people')
    """
    words = []
    if now.skill is not None:
        words.append(f"{100 / (1 + math.exp(-now.skill.middle)):.0f}% best moves")
    if now.spread is not None:
        words.append(f"move times {spread_in_words(now.spread.middle)}")
    if now.left is not None:
        words.append(f"page left in {100 * now.left.middle:.0f}% of turns")
    return "; ".join(words) or "not known: too few people"


def usual_time(row: GameConduct) -> str:
    """The geometric mean of a side's move times in a game; empty without clocks.

    >>> usual_time(GameConduct(moves=0, log_sum=0)), usual_time(GameConduct(moves=2, log_sum=2 * math.log(1500)))
    ('', '1.5 s')
    """
    return f"{math.exp(row.log_sum / row.moves) / 1000:.1f} s" if row.moves else ""


def _evidence(row: GameConduct) -> GameEvidence:
    game = row.game
    is_first = game.participant1_id == row.player_id
    result = "drawn" if game.winner is None else "won" if (game.winner == 1) == is_first else "lost"
    return GameEvidence(row, game.participant2 if is_first else game.participant1, result)
