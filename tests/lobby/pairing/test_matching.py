"""Who is paired with whom, by the rules alone."""

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from games.rules.time_controls import Countdown
from lobby.pairing.matching import Seeker, first_mover, may_pair, pairs, reach, with_one_more

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BLITZ, BULLET = Countdown(60, 0), Countdown(15, 0)
ALICE, BOB, CHARLIE, DAVE = 1, 2, 3, 4


def seek(player_id: int, waited: float = 0, **fields: Any) -> Seeker:
    """Somebody who has waited for so many seconds at noon."""
    return Seeker(player_id, **{"control": BLITZ, "rated": False, "since": NOON - timedelta(seconds=waited), **fields})


def ids(found: list[tuple[Seeker, Seeker]]) -> list[tuple[int, int]]:
    return [(one.player_id, other.player_id) for one, other in found]


def test_two_who_want_the_same_are_paired_and_who_came_first_is_named_first() -> None:
    assert ids(pairs([seek(ALICE, 1), seek(BOB, 5)], NOON)) == [(BOB, ALICE)]


def test_nobody_is_paired_with_oneself() -> None:
    assert not may_pair(seek(ALICE), seek(ALICE, 3), NOON)


@pytest.mark.parametrize("other", [{"control": BULLET}, {"control": Countdown(60, 1)}, {"rated": True}])
def test_another_game_does_not_fit(other: dict[str, Any]) -> None:
    assert not may_pair(seek(ALICE), seek(BOB, **other), NOON)


def test_who_has_waited_longest_is_paired_first() -> None:
    assert ids(pairs([seek(ALICE, 1), seek(BOB, 9), seek(CHARLIE, 5)], NOON)) == [(BOB, CHARLIE)]


def test_blocked_people_are_never_paired_however_long_they_wait() -> None:
    blocked = {frozenset((ALICE, BOB))}
    waiting = [seek(ALICE, 9000), seek(BOB, 8000)]
    assert pairs(waiting, NOON, blocked) == []
    assert ids(pairs([*waiting, seek(CHARLIE)], NOON, blocked)) == [(ALICE, CHARLIE)]


def test_a_range_holds_for_both_however_long_they_wait() -> None:
    picky = seek(ALICE, 9000, rating_range=(1600, 1800), rating=1700)
    assert not may_pair(picky, seek(BOB, 9000, rating=1599), NOON)
    assert not may_pair(seek(BOB, 9000, rating=1801), picky, NOON)
    assert may_pair(picky, seek(BOB, rating=1600), NOON)
    assert may_pair(picky, seek(BOB, rating=1800, rating_range=(1700, 1700)), NOON)
    assert not may_pair(picky, seek(BOB, rating=1800, rating_range=(1701, 1800)), NOON)


def test_somebody_without_a_rating_counts_as_a_beginner() -> None:
    assert may_pair(seek(ALICE), seek(BOB, rating_range=(1500, 1500)), NOON)
    assert not may_pair(seek(ALICE), seek(BOB, rating_range=(1501, 2000)), NOON)


@pytest.mark.parametrize(
    ("waited", "far"), [(0, 100), (4.99, 100), (5, 112), (9.99, 112), (10, 124), (60, 244), (3600, 8740)]
)
def test_how_far_one_reaches(waited: float, far: int) -> None:
    assert reach(timedelta(seconds=waited)) == far


def test_a_clock_that_went_back_reaches_no_less() -> None:
    assert reach(timedelta(seconds=-30)) == 100


def test_rated_people_are_paired_when_each_has_waited_long_enough_for_the_other() -> None:
    def fits(waited: float, other: float) -> bool:
        one, two = seek(ALICE, waited, rated=True, rating=1500), seek(BOB, other, rated=True, rating=1610)
        return may_pair(one, two, NOON)

    assert not fits(0, 0)
    assert not fits(60, 0)
    assert not fits(0, 60)
    assert fits(5, 5)


def test_the_nearest_rating_is_chosen_in_rated_games() -> None:
    waiting = [
        seek(ALICE, 9, rated=True, rating=1500),
        seek(BOB, 8, rated=True, rating=1560),
        seek(CHARLIE, 1, rated=True, rating=1520),
    ]
    assert ids(pairs(waiting, NOON)) == [(ALICE, CHARLIE)]


def test_bots_play_rated_with_bots_alone() -> None:
    person, bot, other = seek(ALICE, rated=True), seek(BOB, rated=True, bot=True), seek(CHARLIE, rated=True, bot=True)
    assert not pairs([person, bot], NOON)
    assert ids(pairs([person, bot, other], NOON)) == [(BOB, CHARLIE)]
    assert ids(pairs([seek(ALICE), seek(BOB, bot=True)], NOON)) == [(ALICE, BOB)]


def test_partners_are_sought_only_for_those_who_are_named() -> None:
    waiting = [seek(ALICE, 9), seek(BOB, 8), seek(CHARLIE, 1)]
    assert pairs(waiting, NOON, focus=set()) == []
    assert ids(pairs(waiting, NOON, focus={CHARLIE})) == [(ALICE, CHARLIE)]


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_in_two_pairs_every_pair_fits_and_nobody_who_fits_is_left(seed: int) -> None:
    chance = random.Random(seed)
    waiting = [
        seek(
            player_id,
            chance.uniform(0, 90),
            control=chance.choice([BLITZ, BULLET]),
            rated=chance.random() < 0.5,
            rating=chance.choice([None, chance.gauss(1500, 200)]),
            rating_range=chance.choice([None, None, (1400, 1700)]),
        )
        for player_id in range(60)
    ]
    blocked = {frozenset(chance.sample(range(60), 2)) for _ in range(100)}
    found = pairs(waiting, NOON, blocked)
    people = [seeker.player_id for pair in found for seeker in pair]
    assert len(people) == len({*people}) > 0
    assert all(may_pair(one, other, NOON, blocked) for one, other in found)
    left = [seeker for seeker in waiting if seeker.player_id not in people]
    assert not [pair for pair in combinations(left, 2) if may_pair(*pair, NOON, blocked)]


def test_who_moved_first_less_often_does_so_now() -> None:
    assert first_mover("1", "", 2) == 2
    assert first_mover("", "1", 2) == 1
    assert first_mover("0", "1", 2) == 1
    assert [first_mover("10", "01", coin) for coin in (1, 2)] == [1, 2]


def test_only_the_last_games_count() -> None:
    games = ""
    for _ in range(30):
        games = with_one_more(games, True)
    for _ in range(10):
        games = with_one_more(games, False)
    assert games == "0" * 10


@pytest.mark.parametrize(("people", "games"), [(2, 200), (6, 600), (20, 2000)])
def test_everybody_has_either_side_equally_often(people: int, games: int) -> None:
    """By mere chance somebody of twenty would be off by some 30 of 200 games."""
    chance = random.Random(7)
    lately, balance = [""] * people, [0] * people
    for _ in range(games):
        pair = chance.sample(range(people), 2)
        mover = first_mover(lately[pair[0]], lately[pair[1]], chance.choice((1, 2)))
        for seat, person in enumerate(pair, 1):
            lately[person] = with_one_more(lately[person], seat == mover)
            balance[person] += 1 if seat == mover else -1
    assert max(map(abs, balance)) <= 12
