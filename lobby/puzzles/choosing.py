"""The puzzles of a day: chosen by the first who asks, once for all processes; the store's constraints see to that."""

import random
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Final

from games import runtime
from games.computer.review import decode
from games.models import Game, written
from games.protocol import State
from games.rules.board import IllegalDrop
from lobby.puzzles.models import A_DAY, Puzzle
from lobby.puzzles.positions import Candidate, candidates

RECENT: Final = 1000
"""Games of which some are looked at, the newest."""
LOOKED_AT: Final = 120
"""Games that are looked at for one day."""
AT_ONCE: Final = 20
"""Games that are read at once."""
ENOUGH: Final = 12
"""Games with a candidate among which a day's puzzles are chosen."""
PAUSE: Final = 60.0
"""Seconds for which a process doesn't look again after it has found too few."""

Found = tuple[str, Candidate]
"""A game's ID, and a position of it."""

_looked_at: dict[date, float] = {}
"""When this process has looked last for the day, by `monotonic`."""
_choosing = Lock()
"""Held by the thread of this process that looks."""


def puzzles_of(day: date) -> list[Puzzle]:
    """The puzzles of a day that has come, in order; fewer than three while too few games were reviewed.

    Args:
        day: today by UTC. Of a day that is over nothing is chosen any more: ask for its rows.
    """
    stored = _stored(day)
    if len(stored) == A_DAY:
        return stored
    with _choosing:  # who comes while another chooses would see a day without puzzles
        stored = _stored(day)
        if len(stored) < A_DAY and monotonic() - _looked_at.get(day, float("-inf")) >= PAUSE:
            _fill_up(day, stored)
            stored = _stored(day)
    return stored


def _fill_up(day: date, stored: list[Puzzle]) -> None:
    missing = sorted({*range(1, A_DAY + 1)} - {puzzle.number for puzzle in stored})
    found = chosen(day, len(missing))
    if found:
        rows = [row(day, number, game_id, each) for number, (game_id, each) in zip(missing, found, strict=False)]
        runtime.call(lambda here: here.writes.do(_store, rows))
    forget()
    _looked_at[day] = monotonic()


def chosen(day: date, count: int) -> list[Found]:
    """So many new puzzles, each of another game, the easiest first; fewer where there are not so many.

    Args:
        day: the same day has the same choice among the same games.
        count: how many.
    """
    dice = random.Random(day.toordinal())  # noqa: S311  a game, not a secret
    found = list(islice(_one_of_each(_some_games(dice), dice), ENOUGH))
    taken = dice.sample(found, min(count, len(found)))
    return sorted(taken, key=lambda each: each[1].distance)


def forget() -> None:
    """Look again at once."""
    _looked_at.clear()


def _stored(day: date) -> list[Puzzle]:
    return list(Puzzle.objects.filter(day=day).select_related("game").order_by("number"))


def _store(rows: list[Puzzle]) -> None:
    # Whose number or position is taken by now was chosen by another process.
    Puzzle.objects.bulk_create(rows, ignore_conflicts=True)


def row(day: date, number: int, game_id: str, found: Candidate) -> Puzzle:
    """A candidate as the puzzle of a day."""
    moves = "".join(str(column + 1) for column in found.columns)
    scores, answer = list(found.scores), found.answer
    return Puzzle(
        day=day, number=number, game_id=game_id, moves=moves, scores=scores, answer=answer, position=found.position
    )


def _some_games(dice: random.Random) -> Iterator[Game]:
    """Public games with a review, in any order, that have not been used yet."""
    usable = Game.objects.public().filter(state=written(State.FINISHED), review__scores__isnull=False, puzzles=None)
    ids = list(usable.order_by("-end_time").values_list("pk", flat=True)[:RECENT])
    some = dice.sample(ids, min(LOOKED_AT, len(ids)))
    for start in range(0, len(some), AT_ONCE):
        games = Game.objects.filter(pk__in=some[start : start + AT_ONCE]).select_related("review")
        yield from games.prefetch_related("changes").order_by("pk")


def _one_of_each(games: Iterable[Game], dice: random.Random) -> Iterator[Found]:
    """A position of each game that has any, none of them used, none twice."""
    used: set[str] = set()
    for game in games:
        found = _of_game(game)
        used.update(Puzzle.objects.filter(position__in=found).values_list("position", flat=True))
        new = sorted(found.keys() - used)
        if new:
            position = dice.choice(new)
            used.add(position)
            yield game.pk, found[position]


def _of_game(game: Game) -> dict[str, Candidate]:
    """Its candidates by their position; none where its rows or its review's bytes don't hold."""
    try:
        review = decode(bytes(game.review.scores or b""), game.columns)
    except (ValueError, IllegalDrop):
        return {}
    return {each.position: each for each in candidates(game.columns, review)}
