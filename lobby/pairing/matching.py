"""Who is paired with whom, and who moves first: rules alone, on what is known of the seeks at one moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from games.rules.time_controls import Countdown

REACH: Final = 100
"""How far apart the ratings of two people may be who have only just come, in rated games."""
REACH_GROWS_BY: Final = 12
REACH_GROWS_EVERY: Final = timedelta(seconds=5)
STARTING_RATING: Final = 1500
"""What counts for somebody without a rating."""
LATELY: Final = 10
"""Games that count for who has had the first move less often."""

Blocked = Collection[frozenset[int]]
"""Two players of whom one has blocked the other, each."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """One person's wish to play.

    Attributes:
        player_id: whose.
        control: how much time there is to be.
        rated: whether the game is to change ratings.
        since: when they began to wait.
        rating_range: the lowest and the highest rating to play against; None for any.
        rating: the person's own at this speed; None where there is none yet.
        bot: whether a program makes the moves: bots play rated games with bots alone.
        marked: whether moderators have marked the person: marked people are paired with each other alone.
    """

    player_id: int
    control: Countdown
    rated: bool
    since: datetime
    rating_range: tuple[int, int] | None = None
    rating: float | None = None
    bot: bool = False
    marked: bool = False

    @property
    def strength(self) -> float:
        """The rating that counts."""
        return STARTING_RATING if self.rating is None else self.rating

    def takes(self, other: "Seeker") -> bool:
        """Whether another's rating is within the range that was asked for."""
        return self.rating_range is None or self.rating_range[0] <= other.strength <= self.rating_range[1]


def reach(waited: timedelta) -> int:
    """How far apart two ratings may be for somebody who has waited so long.

    >>> [reach(timedelta(seconds=seconds)) for seconds in (0, 4.9, 5, 60)]
    [100, 100, 112, 244]
    """
    return REACH + REACH_GROWS_BY * max(0, waited // REACH_GROWS_EVERY)


def may_pair(one: Seeker, other: Seeker, now: datetime, blocked: Blocked = ()) -> bool:
    """Whether two seeks fit.

    They want the same game, both are marked or neither is, each is within the other's range, neither has blocked the
    other; and where the game is rated their ratings are near enough for both, by how long each has waited.

    Args:
        one, other: the seeks.
        now: the time of looking.
        blocked: who is never paired.
    """
    if one.player_id == other.player_id or (one.control, one.rated) != (other.control, other.rated):
        return False
    if not (one.takes(other) and other.takes(one)) or frozenset((one.player_id, other.player_id)) in blocked:
        return False
    if (one.rated and one.bot != other.bot) or one.marked != other.marked:
        return False
    return not one.rated or _distance(one, other) <= min(reach(now - one.since), reach(now - other.since))


def pairs(
    seekers: Iterable[Seeker], now: datetime, blocked: Blocked = (), focus: Collection[int] | None = None
) -> list[tuple[Seeker, Seeker]]:
    """The pairs that can be made; nobody is in two. Who has waited longest chooses first.

    A rated game is paired with the nearest rating, another one with whoever has waited longest.

    Args:
        seekers: all seeks, at most one a person.
        now: the time of looking.
        blocked: who is never paired.
        focus: the people for whom partners are sought; None for all.

    Returns:
        Pairs, in each of which the one who has waited longer is first.
    """
    alike: dict[tuple[Countdown, bool], list[Seeker]] = defaultdict(list)
    for seeker in sorted(seekers, key=_by_age):
        alike[seeker.control, seeker.rated].append(seeker)
    found: list[tuple[Seeker, Seeker]] = []
    for waiting in alike.values():
        found += _pairs_among(waiting, now, blocked, focus)
    return found


def _pairs_among(
    waiting: list[Seeker], now: datetime, blocked: Blocked, focus: Collection[int] | None
) -> list[tuple[Seeker, Seeker]]:
    """`pairs` of seeks for the same game, the longest wait first."""
    left = {seeker.player_id: seeker for seeker in waiting}
    found = []
    for seeker in waiting:
        if seeker.player_id not in left or (focus is not None and seeker.player_id not in focus):
            continue
        fitting = (other for other in left.values() if may_pair(seeker, other, now, blocked))
        if seeker.rated:
            partner = min(fitting, key=lambda other: (_distance(seeker, other), *_by_age(other)), default=None)
        else:
            partner = next(fitting, None)
        if partner is not None:
            del left[seeker.player_id], left[partner.player_id]
            first, second = sorted((seeker, partner), key=_by_age)
            found.append((first, second))
    return found


def first_mover(one: str, other: str, coin: int) -> int:
    """Who moves first: whoever has done so less often lately.

    Args:
        one, other: the last `LATELY` games of each, "1" for one with the first move and "0" for one without.
        coin: 1 or 2, where they have done so equally often.

    >>> first_mover("110", "10", coin=2), first_mover("0", "", coin=2), first_mover("10", "01", coin=2)
    (2, 1, 2)
    """
    balances = [2 * games.count("1") - len(games) for games in (one, other)]
    if balances[0] == balances[1]:
        return coin
    return 1 if balances[0] < balances[1] else 2


def with_one_more(games: str, moves_first: bool) -> str:
    """Somebody's last games after another one.

    >>> with_one_more("1111100000", True)
    '1111000001'
    """
    return f"{games}{int(moves_first)}"[-LATELY:]


def _distance(one: Seeker, other: Seeker) -> float:
    return abs(one.strength - other.strength)


def _by_age(seeker: Seeker) -> tuple[datetime, int]:
    return seeker.since, seeker.player_id
