"""The two lists of the lobby, looked through a bounded number of games at a time.

A look reads the newest games of an index. Where too few of those are in the list (their creators are gone, nobody
plays them), it looks again at the older ones that were in the list before, and at a further stretch of the index, where
the next look goes on. So its cost doesn't grow with the games that there are, and every game newer than the last one
shown is looked at again and again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.utils import timezone

from games.models import Game, GameQuerySet, Move, written
from games.protocol import State, Visibility
from lobby.live_list import counting
from lobby.live_list.counting import Counter

PAGE = 200
"""Games that are read at once, and that are kept of a list."""
PAGES_OF_A_PAGE = 5
"""Stretches of the index that are looked through for somebody who has just come."""
CREATOR_GONE_AFTER = timedelta(seconds=30)
"""How long a waiting game stays listed after its creator was last connected: nobody meets a ghost."""
QUIET_AFTER = timedelta(minutes=10)
"""How long a game is worth watching after its last move."""
PRESENT_WITHIN = timedelta(seconds=30)
"""How recently both participants must have been seen together in a quiet game for it to stay listed."""

Place = tuple[datetime, str]
"""Where in its list's order a game stands: its time and ID."""


@dataclass(frozen=True, slots=True)
class Section:
    """One list, as far as it is known.

    Attributes:
        times: the newest of the list and the times that they are ordered by, newest first.
        count: how many games are in it, `times` or not.
        is_whole: whether `times` has all of them.
        looked_up_to: where the next look goes on; None for behind the newest.
    """

    times: dict[str, datetime] = field(default_factory=dict)
    count: int = 0
    is_whole: bool = False
    looked_up_to: Place | None = None


class List:
    """A list's rules: what may be in it, and what is.

    Args:
        most: games that are shown of it.
        time: the field that it is ordered by, newest first.
        state: of the games that may be in it, public ones; there is an index of them in that order.
        is_listed: the condition under which one of them is, at a time.
    """

    def __init__(self, most: int, time: str, state: State, is_listed: Callable[[datetime], Q]) -> None:
        self.most = most
        self._time = time
        self._is_candidate = Q(state=written(state), visibility=written(Visibility.PUBLIC))
        if state is State.WAITING:
            self._is_candidate &= Q(invited=None)  # a challenge is for one person
        self._is_listed = is_listed
        self._counter = Counter(lambda: self.listed(timezone.now()).order_by()[: counting.MOST].count())

    def listed(self, now: datetime) -> GameQuerySet:
        """The games in the list, newest first.

        Args:
            now: the time at which they are listed.
        """
        return _with_last_move().filter(self._is_candidate, self._is_listed(now)).order_by(f"-{self._time}", "id")

    def shown(self, known: Section) -> list[str]:
        """The IDs of the games that are shown."""
        return [*known.times][: self.most]

    def look(self, known: Section, now: datetime) -> Section:
        """The list after a look into the store.

        Args:
            known: from the look before.
            now: the time of looking.
        """
        newest, times = self._stretch(now, None)
        if len(newest) < PAGE:
            return Section(_newest(times), len(times), is_whole=True)
        place = None
        if len(times) < self.most:
            older = known.times.keys() - newest
            times |= self._listed_among(older, now)
            place = self._go_on(known.looked_up_to or _last(newest), times, now)
        return Section(_newest(times), self._counter.read(len(times)), looked_up_to=place)

    def look_for_long(self, now: datetime) -> Section:
        """The list for somebody of whom nothing is known yet: a few looks, until there is enough to show."""
        known = self.look(Section(), now)
        for _ in range(PAGES_OF_A_PAGE - 1):
            if known.is_whole or known.looked_up_to is None or len(known.times) >= self.most:
                break
            known = self.look(known, now)
        return known

    def take_in(self, known: Section, changed: Iterable[str], now: datetime) -> Section:
        """The list after some games changed.

        Args:
            known: before.
            changed: their IDs.
            now: the time of looking.
        """
        ids = {*changed}
        listed = self._listed_among(ids, now)
        times = {pk: time for pk, time in known.times.items() if pk not in ids} | listed
        count = known.count + len(times) - len(known.times)
        is_whole = known.is_whole and len(times) <= PAGE
        return Section(_newest(times), max(count, len(times)), is_whole, known.looked_up_to)

    def _go_on(self, place: Place, times: dict[str, datetime], now: datetime) -> Place | None:
        """Look at the next stretch of the index, behind a place; where the one after it begins."""
        stretch, listed = self._stretch(now, place)
        times |= listed
        shown = [*_newest(times).items()][: self.most]
        is_past_the_shown = len(shown) == self.most and bool(stretch) and _last(stretch)[0] < shown[-1][1]
        return None if len(stretch) < PAGE or is_past_the_shown else _last(stretch)

    def _stretch(self, now: datetime, place: Place | None) -> tuple[dict[str, datetime], dict[str, datetime]]:
        """A page of the index behind a place: all its games, and those of them that are in the list."""
        games = _with_last_move().filter(self._is_candidate).order_by(f"-{self._time}", "id")
        if place is not None:
            time, pk = place
            same_or_older: dict[str, Any] = {f"{self._time}__lte": time}
            games = games.filter(**same_or_older).exclude(**{self._time: time, "id__lte": pk})
        found = self._judged(games[:PAGE], self._is_listed(now))
        return {pk: time for pk, time, _ in found}, {pk: time for pk, time, is_listed in found if is_listed}

    def _listed_among(self, ids: Iterable[str], now: datetime) -> dict[str, datetime]:
        # Selected by their IDs alone, and checked here: with more conditions SQLite reads all games of a state.
        games = _with_last_move().filter(pk__in=ids).order_by()
        found = self._judged(games, self._is_candidate & self._is_listed(now))
        return {pk: time for pk, time, is_listed in found if is_listed}

    def _judged(self, games: GameQuerySet, condition: Q) -> list[tuple[str, datetime, bool]]:
        is_listed = ExpressionWrapper(condition, BooleanField())
        return list(games.annotate(is_listed=is_listed).values_list("pk", self._time, "is_listed"))


def _with_last_move() -> GameQuerySet:
    # The last of them by its index: EXISTS may become a walk over all moves of all games.
    last_move = Move.objects.filter(game=OuterRef("pk")).order_by("-number").values("at")[:1]
    return Game.objects.alias(last_move=Subquery(last_move))


def _newest(times: dict[str, datetime]) -> dict[str, datetime]:
    return dict(nsmallest(PAGE, times.items(), key=lambda item: (-item[1].timestamp(), item[0])))


def _last(stretch: dict[str, datetime]) -> Place:
    pk, time = [*stretch.items()][-1]
    return time, pk


def _creator_is_about(now: datetime) -> Q:
    return Q(participant1__seen_at__gte=now - CREATOR_GONE_AFTER)


def _is_alive(now: datetime) -> Q:
    started = Q(start_time__gte=now - QUIET_AFTER)
    attended = Q(attended_time__gte=now - PRESENT_WITHIN)
    return started | attended | Q(last_move__gte=now - QUIET_AFTER)


WAITING = List(100, "create_time", State.WAITING, _creator_is_about)
"""Public games that wait for somebody, whose creator is about; the newest are shown."""

PLAYING = List(24, "start_time", State.IN_PROGRESS, _is_alive)
"""Public games in progress that are alive; those that started last are shown."""
