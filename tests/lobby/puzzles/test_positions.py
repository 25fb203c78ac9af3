"""What makes a puzzle, held to the rules themselves."""

import pytest

from games.computer.review import Review, review
from games.computer.solver.engine import Engine
from games.rules.board import Position
from lobby.puzzles.positions import FARTHEST, LEAST_DISCS, Candidate, candidates
from tests.support.notations import columns_of
from tests.support.puzzling_games import NOTHING_IN_IT, PUZZLING, mirrored


def _reviewed(engine: Engine, notation: str) -> tuple[list[int], Review]:
    columns = columns_of(notation)
    return columns, review(columns, engine.score_game(columns))


def _sign(score: int) -> int:
    return (score > 0) - (score < 0)


def _is_won_by_next(position: Position) -> bool:
    return any(position.play(column).is_won for column in position.legal_columns)


def _is_puzzle(engine: Engine, columns: list[int]) -> bool:
    """By playing it out, and by the engine; nothing of `games.computer.choices`."""
    position = Position.from_columns(columns)
    scores = {c: score for c, score in enumerate(engine.score_columns(columns)) if score is not None}
    best = max(scores.values())
    keeping = [c for c, score in scores.items() if _sign(score) == _sign(best)]
    lasting = [c for c in scores if position.play(c).is_won or not _is_won_by_next(position.play(c))]
    if len(columns) < LEAST_DISCS or best < 0 or len(keeping) > 1 or _is_won_by_next(position):
        return False
    return len(lasting) >= 3 and _plies_to_the_end(engine, columns) <= FARTHEST


def _plies_to_the_end(engine: Engine, columns: list[int]) -> int:
    """By letting perfect play go on."""
    line = list(columns)
    while not Position.from_columns(line).is_over:
        scores = [-99 if score is None else score for score in engine.score_columns(line)]
        line.append(scores.index(max(scores)))
    return len(line) - len(columns)


@pytest.mark.parametrize("notation", PUZZLING[:3])
def test_exactly_the_positions_that_ask_something_are_puzzles(engine: Engine, notation: str) -> None:
    columns, judged = _reviewed(engine, notation)
    found = list(candidates(columns, judged))
    expected = [ply for ply in range(len(columns)) if _is_puzzle(engine, columns[:ply])]
    assert [len(each.columns) for each in found] == expected
    assert expected
    for each in found:
        assert each.distance == _plies_to_the_end(engine, list(each.columns))


def test_a_short_game_has_none(engine: Engine) -> None:
    assert list(candidates(*_reviewed(engine, NOTHING_IN_IT))) == []


def test_a_position_and_its_mirror_image_are_one(engine: Engine) -> None:
    one = list(candidates(*_reviewed(engine, PUZZLING[2])))
    other = list(candidates(*_reviewed(engine, mirrored(PUZZLING[2]))))
    assert [each.position for each in one] == [each.position for each in other]
    assert len({each.position for each in one}) == len(one)


def test_the_order_of_the_moves_makes_no_other_position() -> None:
    scores = (1, 0, 0, 0, 0, 0, 0)
    assert Candidate((0, 1, 2), scores, 0).position == Candidate((2, 1, 0), scores, 0).position
    assert Candidate((0, 1, 2), scores, 0).position != Candidate((0, 2, 1), scores, 0).position


def test_plies_of_an_opening_are_none(engine: Engine) -> None:
    columns = columns_of(PUZZLING[0])
    whole = review(columns, engine.score_game(columns))
    last = max(len(each.columns) for each in candidates(columns, whole))
    opened = review(columns, engine.score_game(columns, last + 2))
    assert list(candidates(columns, opened)) == []
