"""The eight levels: what each sees and what it overlooks. Pure: position, level and a source of chance give a move.

Levels look ahead as people do, and err as people do: now and then one overlooks a threat or plays without thinking.
Dice thrown over exact scores would give away won games absurdly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from games.computer.play.lookahead import best_ahead, winning_columns
from games.computer.solver.engine import EngineUnavailable, Scores
from games.rules.board import GameOver, Position

Solve = Callable[[Sequence[int]], Scores]
"""Exact scores of a position, as `Engine.score_columns` gives them."""


@dataclass(frozen=True)
class Level:
    """How one level plays."""

    number: int
    name: str
    sentence: str
    """Tells people what to expect."""
    depth: int = 0
    """Plies that it looks ahead, its own included; 0: it plays any column."""
    evaluates: bool = False
    """Whether it weighs open threats where its look-ahead ends."""
    slips: float = 0.0
    """How often it plays any column that doesn't lose at once."""
    misses_win: float = 0.0
    """How often it overlooks that it can win."""
    misses_block: float = 0.0
    """How often it overlooks that the other side is about to win."""
    exact_from: int | None = None
    """From how many plies on the board it plays perfectly."""
    needs_engine: bool = False
    """Whether it does not play at all without exact scores."""


LEVELS: Final = (
    Level(1, "Novice", "Has just learned the rules and overlooks most threats.", misses_win=0.4, misses_block=0.7),
    Level(2, "Learner", "Takes most wins and stops most threats, but has no plan.", misses_win=0.05, misses_block=0.2),
    Level(3, "Casual", "Sees what you threaten, and thinks about every second move.", 1, True, 0.5, 0.02, 0.12),
    Level(4, "Regular", "Builds threats of its own, and is careless now and then.", 2, True, 0.25, 0.01, 0.05),
    Level(5, "Strong", "Looks four moves ahead and hardly ever slips.", 4, True, 0.02),
    Level(6, "Expert", "Looks six moves ahead and plays every endgame perfectly.", 6, True, 0.05, exact_from=20),
    Level(
        7, "Master", "Errs in the opening alone, then plays perfectly.", 8, True, 0.05, exact_from=10, needs_engine=True
    ),
    Level(8, "Perfect", "Never makes a mistake: to beat it, play perfectly yourself.", exact_from=0, needs_engine=True),
)
"""Weakest first."""


def level_of(number: int) -> Level:
    """The level of a number.

    Raises:
        ValueError: there is none.
    """
    if not 1 <= number <= len(LEVELS):
        raise ValueError(f"there is no level {number}: they are 1 to {len(LEVELS)}")
    return LEVELS[number - 1]


def choose(columns: Sequence[int], level: Level, random: Random, solve: Solve | None) -> int:
    """The column that a level plays.

    Args:
        columns: the moves so far, counted from 0; the computer is to move.
        level: the level.
        random: all chance comes from here.
        solve: gives exact scores; None where there are none: levels that don't need them look ahead instead.

    Raises:
        IllegalDrop: the moves are no game, or it is over.
        EngineUnavailable: this level doesn't play without exact scores, and there are none.
        DeadlineExceeded: ``solve`` took too long.
    """
    position = Position.from_columns(columns)
    if position.is_over:
        raise GameOver("the game is over: there is no move to choose")
    if level.needs_engine and solve is None:
        raise EngineUnavailable(f"level {level.number} needs exact scores, which are not to be had here")
    noticed = _noticed(position, level, random)
    if noticed:
        return random.choice(noticed)
    if solve is not None and level.exact_from is not None and position.ply_count >= level.exact_from:
        return random.choice(_best(solve(columns)))
    if level.depth == 0 or random.random() < level.slips:
        return random.choice(_careless(position) if level.depth else position.legal_columns)
    return random.choice(best_ahead(position, level.depth, level.evaluates))


def _noticed(position: Position, level: Level, random: Random) -> list[int]:
    """The columns that win, else those that stop the other side from winning; empty where neither is seen."""
    wins = winning_columns(position.mover, position.waiter)
    if wins and random.random() >= level.misses_win:
        return wins
    blocks = winning_columns(position.waiter, position.mover)
    return blocks if blocks and random.random() >= level.misses_block else []


def _careless(position: Position) -> list[int]:
    """The columns that don't let the other side win at once; all, where there are none."""
    legal = position.legal_columns
    answers = {column: position.play(column) for column in legal}
    safe = [column for column, after in answers.items() if not winning_columns(after.mover, after.waiter)]
    return safe or legal


def _best(scores: Sequence[int | None]) -> list[int]:
    best = max(score for score in scores if score is not None)
    return [column for column, score in enumerate(scores) if score == best]
