"""Rated games of the computer's levels, as if they were people: what honest play looks like, and what a solver's does.

``python -m tests.support.level_games`` plays them and prints their figures as lines of JSON.
"""

import atexit
import contextlib
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from random import Random
from typing import NamedTuple

from games.computer.play.levels import choose, level_of
from games.computer.review import Review, review
from games.computer.shares import share_of
from games.computer.solver.engine import Engine, Scores
from games.rules.board import Position
from games.rules.openings import DRAWN, PLIES, columns_of, mirrored

PEOPLE = range(1, 8)
"""Levels that play as people do."""
SOLVER = 8
GAMES = 300
"""Of each level but the solver."""
SOLVER_GAMES = 30


def pairings() -> Iterator[tuple[int, int, int]]:
    """All games: who begins, the other, and a number. Every level plays its two neighbours; the solver everybody."""
    for number in range(GAMES // 2):
        for level in PEOPLE:
            pair = level, level % len(PEOPLE) + 1
            yield (*pair, number) if number % 2 else (*pair[::-1], number)
        if number < SOLVER_GAMES:
            other = 1 + number % len(PEOPLE)
            yield (SOLVER, other, number) if number % 2 else (other, SOLVER, number)


def play(engine: Engine, first: int, second: int, number: int) -> list[int]:
    """One game, on an opening of the ballot."""
    random = Random(f"{first} {second} {number}")
    drawn = random.choice(DRAWN)
    columns = columns_of(random.choice((drawn, mirrored(drawn))))
    while not Position.from_columns(columns).is_over:
        level = level_of(second if len(columns) % 2 else first)
        columns.append(choose(columns, level, random, engine.score_columns))
    return columns


def scores_of(engine: Engine, columns: Sequence[int]) -> list[Scores]:
    """Of the position before each ply after the opening."""
    return engine.score_game(columns, PLIES + 1)


def figures_of(judged: Review) -> list[int]:
    """Plies that asked something and best ones, of who began and of the other."""
    shares = share_of(judged, True), share_of(judged, False)
    return [number for share in shares for number in (share.plies, share.best)]


class Played(NamedTuple):
    """One of the games.

    Attributes:
        first, second: who began, and the other.
        columns: all plies, those of the opening too.
        scores: of the position before each ply after the opening.
    """

    first: int
    second: int
    columns: list[int]
    scores: list[Scores]

    @property
    def figures(self) -> list[int]:
        """Who began, the other, and plies that asked something and best ones of both."""
        return [self.first, self.second, *figures_of(review(self.columns, self.scores))]


def played(pairing: tuple[int, int, int]) -> Played:
    """Play one of `pairings`: the same game each time."""
    engine = _engine()
    columns = play(engine, *pairing)
    return Played(*pairing[:2], columns, scores_of(engine, columns))


@contextlib.contextmanager
def on_all_cores() -> Iterator[Callable[..., Iterator[Played]]]:
    """`map` for `played`, in as many processes as there are cores: all games are some five minutes of CPU time."""
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        yield pool.map


@cache
def _engine() -> Engine:
    engine = Engine.with_book()
    atexit.register(_engine.cache_clear)  # its memory is given back while there is an interpreter
    return engine


if __name__ == "__main__":
    with on_all_cores() as each:
        for game in each(played, pairings()):
            sys.stdout.write(json.dumps(game.figures) + "\n")
