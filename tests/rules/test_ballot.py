"""Each opening of the ballot comes equally often, and none can be foreseen."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from games.rules.openings import DRAWN, LEAST_LEFT, PLIES, Ballot, Opening, is_of_ballot, mirrored

ALL = {*DRAWN, *map(mirrored, DRAWN)}


def test_the_ballot_has_both_images_of_each_opening() -> None:
    assert len(ALL) == 2 * len(DRAWN) == 202


@pytest.mark.parametrize("rounds", [1, 10, 50])
def test_each_comes_equally_often(rounds: int) -> None:
    """By mere chance the counts of 50 rounds would lie some 20 to either side of 50; see also the next test."""
    ballot = Ballot()
    counts = Counter(ballot.draw() for _ in range(rounds * len(ALL)))
    assert counts.keys() <= ALL
    assert sum(abs(counts[opening] - rounds) for opening in ALL) <= 2 * LEAST_LEFT
    assert max(counts.values()) <= rounds + 1


def test_many_are_left_to_choose_from_at_any_time() -> None:
    """After each draw a second ballot with the same deck could give at least so many others."""
    ballot = Ballot()
    for _ in range(1000):
        ballot.draw()
        assert len(ballot._deck) >= LEAST_LEFT
    assert len({*ballot._deck}) > LEAST_LEFT // 2


def test_two_processes_don_t_begin_alike() -> None:
    first, second = ([Ballot().draw() for _ in range(20)] for _ in range(2))
    assert first != second


def test_threads_share_a_ballot() -> None:
    ballot = Ballot()
    with ThreadPoolExecutor(8) as threads:
        counts = Counter(threads.map(lambda _: ballot.draw(), range(20 * len(ALL))))
    assert sum(counts.values()) == 20 * len(ALL)
    assert max(counts.values()) <= 21


def test_games_draw_from_it() -> None:
    drawn = [Opening.BALLOT.draw() for _ in range(50)]
    assert all(is_of_ballot(opening) and len(opening) == PLIES for opening in drawn)
    assert Opening.NONE.draw() == ""
