"""Each level: what it sees, what it overlooks, and what it needs."""

from collections.abc import Sequence
from random import Random

import pytest

from bench.engine import random_game, sensible_game
from games.computer.play.levels import LEVELS, choose, level_of
from games.computer.play.lookahead import best_ahead, threats, winning_columns
from games.computer.review import review
from games.computer.solver.engine import Engine, EngineUnavailable, Scores
from games.rules.board import GameOver, IllegalDrop, Position

CAN_WIN = [3, 0, 3, 0, 3, 0]
"""The side to move wins in column 3; else the other side does in column 0."""
MUST_BLOCK = [3, 0, 3, 0, 3]
"""The other side is about to win in column 3; the side to move can't."""
QUIET = [3, 3, 3, 2, 4, 3, 1]


def share(columns: list[int], number: int, wanted: int, times: int = 400) -> float:
    """How often a level plays a column."""
    chosen = [choose(columns, level_of(number), Random(seed), None) for seed in range(times)]
    return chosen.count(wanted) / times


def test_levels_are_numbered_named_and_told_in_one_sentence() -> None:
    assert [each.number for each in LEVELS] == list(range(1, 9))
    assert len({each.name for each in LEVELS}) == len({each.sentence for each in LEVELS}) == 8
    assert all(each.sentence.count(".") == 1 and each.sentence.endswith(".") for each in LEVELS)
    for number in (0, 9, -1):
        with pytest.raises(ValueError, match="no level"):
            level_of(number)


def test_whoever_sees_a_win_takes_it() -> None:
    # Level 1 overlooks it in 40% of its moves, then blocks in 30% of those, then hits it by chance.
    assert 0.55 < share(CAN_WIN, 1, 3) < 0.75
    assert 0.9 < share(CAN_WIN, 2, 3) <= 1
    assert [share(CAN_WIN, number, 3, 50) for number in (4, 5, 6)] == [pytest.approx(1, abs=0.05), 1, 1]


def test_whoever_sees_a_threat_blocks_it() -> None:
    assert 0.3 < share(MUST_BLOCK, 1, 3) < 0.5
    assert 0.75 < share(MUST_BLOCK, 2, 3) < 0.9
    assert [share(MUST_BLOCK, number, 3, 50) for number in (5, 6)] == [1, 1]


def test_look_ahead_sees_a_double_threat() -> None:
    # With 2 and 3 on the bottom row, either neighbour makes three in a row, open on both sides.
    assert sorted(best_ahead(Position.from_columns([3, 6, 2, 6]), 4, True)) == [1, 4]
    assert sorted(best_ahead(Position.from_columns([3, 6, 2, 6]), 3, False)) == [1, 4]


def test_without_evaluation_all_that_decides_nothing_is_alike() -> None:
    assert sorted(best_ahead(Position.start(), 2, False)) == list(range(7))


def plain(position: Position, depth: int) -> int:
    """What look-ahead finds without pruning: a win less the plies until then, else nothing."""
    if position.is_over:
        return -(1000 + depth) if position.is_won else 0
    if depth == 0 and not winning_columns(position.mover, position.waiter):
        return 0
    if depth == 0:
        return 999
    return max(-plain(position.play(column), depth - 1) for column in position.legal_columns)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_pruning_changes_no_choice(depth: int) -> None:
    random = Random(13)
    for _ in range(40):
        columns = random_game(random)
        position = Position.from_columns(columns[: random.randrange(len(columns))])
        worth = {column: -plain(position.play(column), depth - 1) for column in position.legal_columns}
        best = [column for column in position.legal_columns if worth[column] == max(worth.values())]
        assert sorted(best_ahead(position, depth, False)) == best


def test_full_columns_are_never_chosen() -> None:
    random = Random(4)
    for _ in range(30):
        columns = random_game(random)
        for plies in range(len(columns)):
            position = Position.from_columns(columns[:plies])
            for each in LEVELS[:4]:
                assert choose(columns[:plies], each, random, None) in position.legal_columns
            assert set(best_ahead(position, 1, True)) <= set(position.legal_columns)


def test_threats_are_what_the_rules_call_wins() -> None:
    random = Random(5)
    for _ in range(50):
        columns = random_game(random)
        for plies in range(len(columns)):
            position = Position.from_columns(columns[:plies])
            wins = [column for column in position.legal_columns if position.play(column).is_won]
            assert winning_columns(position.mover, position.waiter) == wins
    assert threats(0b111) == 0b1000


def test_the_same_chance_gives_the_same_move(engine: Engine) -> None:
    for each in LEVELS:
        assert len({choose(QUIET, each, Random("a"), engine.score_columns) for _ in range(5)}) == 1


def test_the_perfect_level_gives_nothing_away(engine: Engine) -> None:
    random = Random(7)
    for seed in range(4):
        columns: list[int] = []
        while not Position.from_columns(columns).is_over:
            number = 8 if len(columns) % 2 == seed % 2 else 4
            columns.append(choose(columns, level_of(number), random, engine.score_columns))
        plies = review(columns, engine.score_game(columns)).plies
        assert all(ply.column in ply.best for ply in plies[seed % 2 :: 2])


def test_levels_six_and_seven_are_perfect_from_their_plies_on(engine: Engine) -> None:
    random, asked = Random(8), list[int]()

    def solve(columns: Sequence[int]) -> Scores:
        asked.append(len(columns))
        return engine.score_columns(columns)

    columns = next(game for game in iter(lambda: sensible_game(random), None) if len(game) > 30)
    for plies in range(8, 24):
        choose(columns[:plies], level_of(6), random, solve)
    assert asked
    assert min(asked) >= 20
    asked.clear()
    choose(columns[:9], level_of(7), random, solve)
    assert not asked


def test_levels_up_to_six_play_without_exact_scores() -> None:
    random = Random(3)
    columns = next(game for game in iter(lambda: sensible_game(random), None) if len(game) > 25)[:21]
    legal = Position.from_columns(columns).legal_columns
    for each in LEVELS[:6]:
        assert choose(columns, each, Random(1), None) in legal
    for each in LEVELS[6:]:
        with pytest.raises(EngineUnavailable, match=f"level {each.number}"):
            choose(columns, each, Random(1), None)


def test_without_a_book_level_six_still_solves_endgames(engine: Engine) -> None:
    def solve(columns: Sequence[int]) -> Scores:
        assert len(columns) >= 12, "there is no book"
        return engine.score_columns(columns)

    columns = sensible_game(Random(12))
    for plies in range(len(columns)):
        choose(columns[:plies], level_of(6), Random(1), solve)


def test_what_is_no_game_is_refused() -> None:
    with pytest.raises(IllegalDrop):
        choose([7], level_of(3), Random(1), None)
    with pytest.raises(GameOver):
        choose([3, 2, 3, 2, 3, 2, 3], level_of(3), Random(1), None)
