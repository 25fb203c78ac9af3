"""How unusual somebody's figures are among all people's: nothing here says what is too good.

The queue is whoever one would not expect among so many people; see decision 56.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median, pstdev
from typing import Any, Final

from django.db.models import Case, F, FloatField, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import GreaterThan
from django.utils.crypto import salted_hmac

from games.honesty.models import Conduct

LEAST_GAMES: Final = 30
"""Reviewed rated games from which on somebody is compared, and is one of those who are compared with."""
COMPARED_WITH: Final = 2000
"""People who are compared with: those who played last."""
_LEAST_PEOPLE: Final = 5
"""Fewer are no population."""
_SUPPORT: Final = 0.2
"""How much even times, or pages left, add to what moves say. They never speak for somebody, nor alone against."""
_MOST_SUPPORT: Final = 3.0
_MAD_TO_DEVIATION: Final = 1.4826
"""Of a normal distribution: what a median of distances from the median is multiplied by."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of one figure.

    Attributes:
        middle: the median.
        scale: how far people are from it, as a standard deviation; not moved by a few who are far off.
    """

    middle: float
    scale: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Usual | None":
        """What is usual among these; None where all are alike, or there are too few."""
        if len(values) < _LEAST_PEOPLE:
            return None
        middle = median(values)
        scale = median(abs(value - middle) for value in values) * _MAD_TO_DEVIATION or pstdev(values)
        return cls(middle, scale) if scale else None


@dataclass(frozen=True, slots=True)
class Population:
    """What is usual at present.

    Attributes:
        people: how many are compared.
        skill, spread, left: of the fields of `Conduct`.
    """

    people: int
    skill: Usual | None
    spread: Usual | None
    left: Usual | None

    @classmethod
    def now(cls) -> "Population":
        """Of the people who played last."""
        rows = compared().order_by("-last_game_at").values_list("skill", "spread", "left")[:COMPARED_WITH]
        skills, spreads, lefts = zip(*rows, strict=True) if rows else ((), (), ())
        even = [spread for spread in spreads if spread is not None]
        return cls(len(skills), Usual.of(skills), Usual.of(even), Usual.of(lefts))

    def with_unusual(self, rows: QuerySet[Conduct]) -> QuerySet[Any]:
        """Rows with ``unusual``: how far somebody is from what is usual, in standard deviations."""
        support = [_above(self.spread, "spread", -1), _above(self.left, "left", 1)]
        extra = sum((Greatest(Value(0.0), Least(Value(_MOST_SUPPORT), each)) * _SUPPORT for each in support), _ZERO)
        skill = _above(self.skill, "skill", 1)
        unusual = Case(When(skill__gt=self._middle, then=skill + extra), default=skill, output_field=FloatField())
        return rows.annotate(unusual=unusual)

    @property
    def _middle(self) -> float:
        return 0.0 if self.skill is None else self.skill.middle

    @property
    def cut(self) -> float | None:
        """Of whom more unusual than this one expects fewer than `expected` among so many; None without a population."""
        return None if self.skill is None else NormalDist().inv_cdf(1 - expected() / self.people)


def compared() -> QuerySet[Conduct]:
    """People who have played enough to be compared; not those of whom it is known."""
    return Conduct.objects.filter(games__gte=LEAST_GAMES, player__marked=False, player__bot=False)


def queue() -> QuerySet[Any]:
    """Everybody who is compared, with ``unusual``, whom one would not expect among so many: the most unusual first."""
    population = Population.now()
    found = population.with_unusual(compared())
    if population.cut is None:
        return found.none()
    return found.filter(GreaterThan(F("unusual"), population.cut)).order_by("-unusual", "pk")


def expected() -> float:
    """How many honest people the queue may be expected to hold: between 0.02 and 0.1, another on each site.

    It comes of the site's secret key, so that nobody reads in the code how unusual is too unusual.
    """
    digest = salted_hmac("games.honesty.population", "expected", algorithm="sha256").digest()
    return 0.02 + 0.08 * int.from_bytes(digest[:4]) / 2**32


_ZERO: Final = Value(0.0, output_field=FloatField())


def _above(usual: Usual | None, field: str, sign: int) -> Any:
    if usual is None:
        return _ZERO
    return (Coalesce(F(field), Value(usual.middle)) - usual.middle) * (sign / usual.scale)
