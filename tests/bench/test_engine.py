"""The benchmark of reviews: its figures and bounds, and a real run of a few games."""

from random import Random

import pytest

from bench.engine import figures, measure, misses, random_game, reviewers, rows, sensible_game
from games.rules.board import Position


def test_games_are_whole_and_the_same_for_a_seed() -> None:
    for make in (random_game, sensible_game):
        game = make(Random(1))
        assert game == make(Random(1))
        assert Position.from_columns(game).is_over


def test_figures_of_sorted_times() -> None:
    times = [n / 1000 for n in range(1, 201)]
    assert figures(times) == {"p50": pytest.approx(0.1005), "p99": 0.199, "worst": 0.2, "mean": pytest.approx(0.1005)}


def test_what_is_late_or_slower_is_named() -> None:
    assert misses({"ours": [0.1, 0.2], "bitbully": [0.2, 0.4]}) == []
    assert misses({"ours": [0.3, 2.5], "bitbully": [0.2, 0.4]}) == [
        "p50 is 1.40 s, over 0.2 s", "p99 is 2.50 s, over 1.5 s", "worst is 2.50 s, over 2.0 s",
        "p50 is slower than bitbully's", "p99 is slower than bitbully's",
    ]  # fmt: skip


@pytest.mark.needs("bitbully")
def test_both_review_the_same_games() -> None:
    measured = measure([random_game(Random(2))], reviewers())
    assert [line[1] for line in rows("random", measured)] == ["ours", "bitbully", "ours / bitbully"]
    assert all(len(times) == 1 and times[0] > 0 for times in measured.values())
