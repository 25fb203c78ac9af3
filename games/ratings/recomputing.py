"""All ratings once more, in one pass over what rated games did.

Rows are stored with both ratings locked, so the order of their keys is one in which each player's games come in the
order of their numbers.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from games.models import Game, RatingChange, RatingCorrection
from games.models import Rating as RatingRow
from games.ratings import glicko
from games.ratings.applying import after_game, latest, rating_in, scores_of, shown_of
from games.ratings.corrections import Corrections, corrected

AT_ONCE = 500
"""Rows that are held at once."""


class _Computed(NamedTuple):
    """A player's rating at a speed, after so many games."""

    rating: glicko.Rating
    games: int
    last_game_at: datetime | None


_NEW = _Computed(glicko.Rating(), 0, None)
_Key = tuple[int, str]


class Recomputation:
    """A pass over all rows, in which ratings are computed from the scores alone.

    Args:
        writes: store what differs, in place of saying so.

    Attributes:
        faults: what did not hold, in words.
        games: how many were read.
    """

    def __init__(self, writes: bool = False) -> None:
        self._writes = writes
        self._ratings: dict[_Key, _Computed] = {}
        self._corrections: Corrections
        self.faults: list[str] = []
        self.games = 0

    def run(self) -> None:
        """Read all, and compare; or write, in one transaction, which is for a store that no server uses."""
        with transaction.atomic() if self._writes else nullcontext():
            self._corrections = Corrections()
            for first, second in self._pairs():
                self.games += 1
                self._take_in(first, second)
            self._compare_ratings()

    def _pairs(self) -> Iterator[tuple[RatingChange, RatingChange]]:
        """Both rows of each game, in the order in which the games were rated."""
        single: dict[str, RatingChange] = {}
        rows = RatingChange.objects.select_related("game").order_by("pk")
        for row in rows.iterator(chunk_size=AT_ONCE):
            other = single.pop(row.game_id, None)
            if other is None:
                single[row.game_id] = row
            else:
                yield other, row
        self.faults += [f"game {game_id}: one rating has changed, and one has not" for game_id in single]

    def _take_in(self, first: RatingChange, second: RatingChange) -> None:
        scores = scores_of(first.game)
        before = {row.player_id: self._computed(row.player_id, row.speed) for row in (first, second)}
        after = {
            row.player_id: self._after(row, before[row.player_id], before[other.player_id].rating, scores)
            for row, other in ((first, second), (second, first))
        }
        shown = shown_of(
            first.game, {pk: was.rating for pk, was in before.items()}, {pk: now.rating for pk, now in after.items()}
        )
        if {name: getattr(first.game, name) for name in shown} != shown:
            self._fault(f"game {first.game_id}: shows other ratings than {shown}")
            if self._writes:
                Game.objects.filter(pk=first.game_id).update(**shown)

    def _computed(self, player_id: int, speed: str) -> _Computed:
        """A rating as it stands in the pass: after the last game, and what was corrected since."""
        found = self._ratings.get((player_id, speed), _NEW)
        return found._replace(rating=self._corrections.take(player_id, speed, found.games, found.rating))

    def _after(
        self, row: RatingChange, mine: _Computed, opponent: glicko.Rating, scores: dict[int, float]
    ) -> _Computed:
        score = scores[row.player_id]
        rating = after_game(mine.rating, opponent, score, mine.last_game_at, row.at)
        computed = _Computed(rating, mine.games + 1, latest(mine.last_game_at, row.at))
        self._ratings[row.player_id, row.speed] = computed
        stored = RatingChange(pk=row.pk, number=computed.games, score=score)
        _fill(stored, mine.rating, rating)
        wrong = [name for name in _CHANGED if getattr(row, name) != getattr(stored, name)]
        if wrong:
            self._fault(f"game {row.game_id}, player {row.player_id}: {', '.join(wrong)} differ from what was computed")
            if self._writes:
                stored.save(update_fields=_CHANGED)
        return computed

    def _compare_ratings(self) -> None:
        for player_id, speed in self._corrections.players:
            self._ratings[player_id, speed] = self._computed(player_id, speed)
        left = dict(self._ratings)
        for row in RatingRow.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
            computed = left.pop((row.player_id, row.speed), _NEW)
            stored = _Computed(rating_in(row), row.games, row.last_game_at)
            if stored != computed and not self._has_changed_since(row, computed.games):
                self._fault(f"player {row.player_id}, {row.speed}: {row.rating}, computed {computed.rating.rating}")
                self._write(row.player_id, row.speed, computed)
        for (player_id, speed), computed in left.items():
            self._fault(f"player {player_id}, {speed}: no rating is stored")
            self._write(player_id, speed, computed)

    def _has_changed_since(self, row: RatingRow, games: int) -> bool:
        """Whether a rating differs because of what was written while we were reading: it follows from that, then."""
        changes = RatingChange.objects.filter(player=row.player_id, speed=row.speed)
        corrections = RatingCorrection.objects.filter(player=row.player_id, speed=row.speed).order_by("pk")
        newest = changes.order_by("-number").first()
        if newest is None or newest.number != row.games:
            return False
        rating = glicko.Rating(newest.rating, newest.deviation, newest.volatility)
        for correction in corrections.filter(after_games__gte=newest.number):
            rating = corrected(rating, correction.points)
        is_newer = newest.number > games or corrections.filter(pk__gt=self._corrections.last).exists()
        return is_newer and rating_in(row) == rating

    def _write(self, player_id: int, speed: str, computed: _Computed) -> None:
        if self._writes:
            rating, games, last = computed
            values = {
                "rating": rating.rating, "deviation": rating.deviation, "volatility": rating.volatility,
                "games": games, "last_game_at": last,
            }  # fmt: skip
            RatingRow.objects.update_or_create(player_id=player_id, speed=speed, defaults=values)

    def _fault(self, words: str) -> None:
        self.faults.append(words)


_CHANGED = [
    "number", "score", "rating_before", "deviation_before", "volatility_before", "rating", "deviation", "volatility",
]  # fmt: skip


def _fill(row: RatingChange, before: glicko.Rating, after: glicko.Rating) -> None:
    row.rating_before, row.deviation_before, row.volatility_before = before.rating, before.deviation, before.volatility
    row.rating, row.deviation, row.volatility = after.rating, after.deviation, after.volatility
