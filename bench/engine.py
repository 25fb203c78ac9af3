"""How long the review of a game takes: `python -m bench.engine`. Ours and bitbully, game by game, on one core.

Seconds are the process's own (CPU), so that other work on the machine slows both alike.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.report import table, write
from games.computer.solver.engine import Engine
from games.rules.board import Position

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- engine: begin -->", "<!-- engine: end -->"
GAMES, SEED = 200, 2026
BOUNDS = {"p50": 0.2, "p99": 1.5, "worst": 2.0}
"""Seconds of one core that a review may take."""

Review = Callable[[list[int]], object]


def random_game(random: Random) -> list[int]:
    """Both sides play any legal column."""
    position, columns = Position.start(), []
    while not position.is_over:
        columns.append(random.choice(position.legal_columns))
        position = position.play(columns[-1])
    return columns


def sensible_game(random: Random) -> list[int]:
    """Both sides win when they can, block, and play under no threat; else by chance."""
    position, columns = Position.start(), []
    while not position.is_over:
        blocks = _wins(position._replace(mover=position.waiter, waiter=position.mover))
        safe = [column for column in position.legal_columns if not _wins(position.play(column))]
        columns.append(random.choice(_wins(position) or blocks or safe or position.legal_columns))
        position = position.play(columns[-1])
    return columns


def _wins(position: Position) -> list[int]:
    return [column for column in position.legal_columns if position.play(column).is_won]


def reviewers() -> dict[str, Review]:
    """What reviews a game: scores of all columns before every ply."""
    from bitbully import BitBully, Board

    engine, oracle = Engine(), BitBully(opening_book="12-ply-dist")
    return {
        "ours": engine.score_game,
        "bitbully": lambda columns: [oracle.score_all_moves(Board(columns[:ply])) for ply in range(len(columns))],
    }


def measure(games: list[list[int]], reviewers: dict[str, Review]) -> dict[str, list[float]]:
    """CPU seconds of each review, by reviewer, shortest first. The reviewers take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in reviewers}
    for columns in games:
        for name, review in reviewers.items():
            began = time.process_time()
            review(columns)
            seconds[name].append(time.process_time() - began)
    return {name: sorted(times) for name, times in seconds.items()}


def figures(seconds: list[float]) -> dict[str, float]:
    """Of sorted times: the median, the 99th percentile, the worst, the mean."""
    p99 = seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)]
    return {"p50": statistics.median(seconds), "p99": p99, "worst": seconds[-1], "mean": statistics.mean(seconds)}


def rows(kind: str, measured: dict[str, list[float]]) -> list[list[str]]:
    """The lines of the table for one kind of game."""
    found = {name: figures(seconds) for name, seconds in measured.items()}
    lines = [[kind, name, *(f"{value * 1000:.0f}" for value in each.values())] for name, each in found.items()]
    ratios = [f"{found['ours'][figure] / found['bitbully'][figure]:.2f}" for figure in found["ours"]]
    return [*lines, [kind, "ours / bitbully", *ratios]]


def misses(measured: dict[str, list[float]]) -> list[str]:
    """Which bounds do not hold: the time of a review, and not slower than bitbully."""
    ours, theirs = figures(measured["ours"]), figures(measured["bitbully"])
    late = [f"{name} is {ours[name]:.2f} s, over {bound} s" for name, bound in BOUNDS.items() if ours[name] > bound]
    slower = [f"{name} is slower than bitbully's" for name in ("p50", "p99") if ours[name] > theirs[name]]
    return late + slower


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where a bound does not hold."""
    parser = argparse.ArgumentParser(description="Measure how long reviews of games take.")
    parser.add_argument("--games", type=int, default=GAMES, help="of each kind")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args()
    random, found, wrong = Random(SEED), list[list[str]](), list[str]()
    each = reviewers()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for kind, make in (("random", random_game), ("sensible", sensible_game)):
        measured = measure([make(random) for _ in range(asked.games)], each)
        found += rows(kind, measured)
        wrong += [f"{kind} games: {miss}" for miss in misses(measured)]
    text = table(["games", "reviewed by", "p50, ms", "p99, ms", "worst, ms", "mean, ms"], found)
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    print("\n".join(wrong) or "All bounds hold.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
