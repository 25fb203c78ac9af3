"""Reviews: verdicts, accuracy and turning point as the contract has them, and the form in which scores are stored."""

from itertools import pairwise
from random import Random

import pytest

from bench.engine import random_game, sensible_game
from games.computer.review import MOST_BYTES, Review, Verdict, decode, encode, review
from games.computer.solver.engine import Engine
from games.rules.board import Position

FULL = None


def verdict(column: int, *scores: int | None) -> Verdict | None:
    return review([column], [scores]).plies[0].verdict


@pytest.mark.parametrize(
    ("column", "scores", "expected"),
    [
        (3, (-2, -1, -1, 1, -2, -1, -2), "only"),
        (3, (-2, -1, 0, 0, -2, -1, -2), "best"),
        (3, (-2, -1, 1, 4, -2, -1, -2), "best"),
        (2, (-2, -1, 1, 4, -2, -1, -2), "good"),
        (2, (-2, -1, 0, 4, -2, -1, -2), "mistake"),
        (1, (-2, -1, 0, -3, -2, -1, -2), "mistake"),
        (1, (-2, -1, 0, 4, -2, -1, -2), "blunder"),
        (6, (-2, -3, -4, -2, -2, -1, -5), "good"),
        (5, (-2, -3, -4, -2, -2, -1, -5), "best"),
        (3, (FULL, FULL, FULL, 1, FULL, FULL, FULL), "best"),
        (3, (FULL, FULL, FULL, 1, FULL, -1, FULL), "only"),
        (3, (-4, -4, -4, -4, -4, -4, -4), "best"),
    ],
)
def test_the_verdict_of_a_ply(column: int, scores: tuple[int | None, ...], expected: str) -> None:
    assert verdict(column, *scores) == expected


def judged(*plies: tuple[int, tuple[int | None, ...]], opening: int = 0) -> Review:
    return review([0] * opening + [column for column, _ in plies], [scores for _, scores in plies])


WIN, DRAW_OR_LOSS = (1, 1, 2, 3, 1, 1, 1), (-1, -1, 0, -2, -1, -1, -1)


def test_accuracy_is_the_mean_worth_of_a_sides_own_choices() -> None:
    plies = [(3, WIN), (2, DRAW_OR_LOSS), (0, WIN), (0, DRAW_OR_LOSS)]  # best, only, good, mistake
    assert judged(*plies).accuracy(1) == (90.0, 70.0)
    assert judged(*plies).accuracy(2) == (70.0, 90.0)


def test_a_ply_without_a_choice_counts_for_nobody() -> None:
    forced = (3, (FULL, FULL, FULL, 1, FULL, FULL, FULL))
    assert judged(forced).accuracy(1) == (None, None)
    assert judged((0, WIN), (2, DRAW_OR_LOSS), forced).accuracy(1) == (80.0, 100.0)


def test_a_blunder_is_worth_nothing() -> None:
    assert judged((0, (-1, 1, 1, 1, 1, 1, 1))).accuracy(1) == (0.0, None)


def test_the_turning_point_is_the_last_change_of_the_result() -> None:
    plies = [(0, DRAW_OR_LOSS), (3, WIN), (0, DRAW_OR_LOSS), (3, WIN)]
    assert judged(*plies).turning_point == 3
    assert judged((3, WIN), (2, DRAW_OR_LOSS)).turning_point is None


def test_plies_of_the_opening_have_no_verdict() -> None:
    opened = judged((3, WIN), (2, DRAW_OR_LOSS), opening=4)
    assert [ply.ply for ply in opened.plies] == [1, 2, 3, 4, 5, 6]
    assert [(ply.scores, ply.score, ply.verdict, ply.best) for ply in opened.plies[:4]] == [(None, None, None, [])] * 4
    assert opened.accuracy(1) == (100.0, 100.0)


def test_a_game_without_a_disc() -> None:
    assert review([], []).plies == ()
    assert review([], []).accuracy(1) == (None, None)
    assert review([], []).turning_point is None


def test_more_scores_than_plies_are_refused() -> None:
    with pytest.raises(ValueError, match="2 scores for 1 plies"):
        review([3], [WIN, WIN])


def test_verdicts_hold_for_real_games(engine: Engine) -> None:
    """The score before a ply is minus that before the next, unless the ply gave something away."""
    random = Random(6)
    for columns in (random_game(random), sensible_game(random)):
        plies = review(columns, engine.score_game(columns)).plies
        for ply, following in pairwise(plies):
            assert ply.score is not None
            assert following.score is not None
            is_kept = ply.score == -following.score
            assert is_kept == (ply.column in ply.best)
            assert is_kept >= (ply.verdict in ("only", "best"))
            if ply.verdict in ("mistake", "blunder"):
                assert (ply.score > 0) != (following.score < 0) or (ply.score == 0 and following.score > 0)


def test_stored_scores_come_back_and_are_small(engine: Engine) -> None:
    random = Random(9)
    games = [make(random) for make in (random_game, sensible_game) for _ in range(5)]
    for columns in [*games, [], [3]]:
        scores = engine.score_game(columns)
        stored = encode(0, scores)
        assert decode(stored, columns) == review(columns, scores)
        assert len(stored) <= MOST_BYTES <= 300


def test_the_longest_game_with_the_extreme_scores_fits() -> None:
    rows = [(-21, 21, 0, FULL, 1, -1, 7)] * 42
    assert len(encode(0, rows)) == MOST_BYTES <= 300


def test_an_opening_is_stored_as_its_length(engine: Engine) -> None:
    columns = sensible_game(Random(10))
    scores = engine.score_game(columns, from_ply=5)
    again = decode(encode(4, scores), columns)
    assert again == review(columns, scores)
    assert again.plies[3].scores is None


def test_what_was_stored_for_another_game_or_is_damaged_is_refused(engine: Engine) -> None:
    columns = sensible_game(Random(11))
    assert Position.from_columns(columns).is_over
    stored = encode(0, engine.score_game(columns))
    for wrong in (b"", b"\x01", b"\x02" + stored[1:], stored[:-1], stored + b"\0", stored[:2] + b"\x7f" + stored[3:]):
        with pytest.raises(ValueError, match="review"):
            decode(wrong, columns)
    with pytest.raises(ValueError, match="review of"):
        decode(stored, columns[:-1])
    with pytest.raises(ValueError, match="full columns"):
        decode(stored[:2] + b"\x80" + stored[3:], columns)
    with pytest.raises(ValueError, match="review"):
        decode(b"\x01\x40" + stored[2:], columns)
