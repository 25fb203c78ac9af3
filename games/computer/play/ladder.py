"""The ladder: each level plays the one above it; Elo differences with intervals, and whether level 8 ever errs."""

import atexit
import math
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from random import Random
from typing import Final

from games.computer.play.levels import LEVELS, choose, level_of
from games.computer.review import review
from games.computer.solver.engine import Engine
from games.rules.board import Position

CONFIDENCE: Final = 1.96
"""Standard errors to either side: 95%."""


@dataclass(frozen=True)
class Played:
    """One game of two levels."""

    first: int
    """The level that began."""
    second: int
    columns: tuple[int, ...]

    def points(self, number: int) -> float:
        """Of a level: 1 for a win, 0.5 for a draw."""
        if not Position.from_columns(self.columns).is_won:
            return 0.5
        winner = self.first if len(self.columns) % 2 else self.second
        return float(winner == number)


@dataclass(frozen=True)
class Step:
    """What the games of a level with the one below it say."""

    lower: int
    upper: int
    games: int
    points: float
    elo: float
    """How much stronger the upper one is."""
    low: float
    high: float
    """Of its interval."""


@cache
def _engine() -> Engine:
    """One a process."""
    atexit.register(_engine.cache_clear)  # wasmtime can't clean up any more when Python takes its modules away
    return Engine()


def play(pairing: tuple[int, int, int]) -> Played:
    """Play one game.

    Args:
        pairing: the level that begins, the other one, the seed of all chance.
    """
    first, second, seed = pairing
    random = Random(f"{first} {second} {seed}")  # noqa: S311 games, not secrets
    columns: list[int] = []
    while not Position.from_columns(columns).is_over:
        level = level_of(second if len(columns) % 2 else first)
        columns.append(choose(columns, level, random, _engine().score_columns))
    return Played(first, second, tuple(columns))


def play_all(pairings: Iterable[tuple[int, int, int]], processes: int) -> list[Played]:
    """Play games in so many processes."""
    with ProcessPoolExecutor(processes, get_context("spawn"), os.nice, (10,)) as pool:
        return list(pool.map(play, pairings, chunksize=2))


def pairings(games: int, lowest: int = 1, highest: int = len(LEVELS)) -> list[tuple[int, int, int]]:
    """So many games of each level with the next, each side beginning half of them."""
    return [
        (lower, lower + 1, seed) if seed % 2 else (lower + 1, lower, seed)
        for lower in range(lowest, highest)
        for seed in range(games)
    ]


def step(lower: int, played: list[Played]) -> Step:
    """What the games of two neighbouring levels say.

    The interval is Wilson's, on the share of points; a side that won all games is given half a game's doubt.
    """
    upper, points = lower + 1, [game.points(lower + 1) for game in played]
    share, games = sum(points) / len(points), len(points)
    centre = (share + CONFIDENCE**2 / (2 * games)) / (1 + CONFIDENCE**2 / games)
    spread = (
        math.sqrt(share * (1 - share) / games + CONFIDENCE**2 / (4 * games**2))
        * CONFIDENCE
        / (1 + CONFIDENCE**2 / games)
    )
    edge = 1 / (2 * games)
    bounds = [_elo(min(max(value, edge), 1 - edge)) for value in (share, centre - spread, centre + spread)]
    return Step(lower, upper, games, sum(points), *bounds)


def _elo(share: float) -> float:
    return -400 * math.log10(1 / share - 1)


def errors_of(number: int, played: Iterable[Played]) -> tuple[int, int]:
    """How often a level gave away score.

    Returns:
        The number of games that were looked at, and of plies that were worse than the best.
    """
    looked_at = wrong = 0
    for game in played:
        looked_at += 1
        plies = review(game.columns, _engine().score_game(game.columns)).plies
        own = plies[0 if game.first == number else 1 :: 2]
        wrong += sum(ply.column not in ply.best for ply in own)
    return looked_at, wrong
