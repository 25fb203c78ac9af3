"""The queue of reviews: who comes first, whose a review is, and for how long."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from games.computer.models import Looked, Review
from games.computer.reviews import queue
from games.models import Game, Player
from games.protocol import ErrorCode, GameError
from tests.support.stored_games import ALICE_WINS, player, store_finished, store_game

NOW = timezone.now()
SOON = NOW + timedelta(seconds=1)


@pytest.fixture
def people(db: None) -> tuple[Player, Player]:
    return player("alice"), player("bob")


@pytest.fixture
def games(people: tuple[Player, Player]) -> list[Game]:
    """Four that have ended, the last of them last."""
    ends = [NOW - timedelta(minutes=minutes) for minutes in (4, 3, 2, 1)]
    return [store_finished(*people, ALICE_WINS, "four_in_a_row", 1, end_time=end) for end in ends]


def claim(by: str = "one", later: float = 1) -> str | None:
    with transaction.atomic():
        return queue.claim(by, NOW + timedelta(seconds=later))


def queue_all(games: list[Game]) -> None:
    for number, game in enumerate(games):
        queue.queue([game.pk], NOW - timedelta(seconds=10 - number))


def test_who_asks_comes_first_and_of_the_others_the_newest(games: list[Game]) -> None:
    queue_all(games)
    queue.request(games[1].pk, NOW)
    queue.request(games[2].pk, NOW)
    assert [claim() for _ in range(5)] == [games[n].pk for n in (1, 2, 3, 0)] + [None]


def test_a_review_is_claimed_once_and_free_again_when_its_claim_ends(games: list[Game]) -> None:
    queue.queue([games[0].pk], NOW)
    assert claim("one") == games[0].pk
    assert claim("two", later=5) is None
    assert not queue.is_any(SOON)
    assert queue.renew(games[0].pk, "one", NOW + timedelta(seconds=5))
    assert claim("two", later=14) is None
    assert queue.is_any(NOW + timedelta(seconds=15))
    assert claim("two", later=15) == games[0].pk
    assert not queue.renew(games[0].pk, "one", NOW + timedelta(seconds=16))


def test_a_review_is_stored_once(games: list[Game]) -> None:
    queue.queue([games[0].pk], NOW)
    assert queue.finish(games[0].pk, b"\x01\x00", SOON)
    assert not queue.finish(games[0].pk, b"\x01\x01", SOON)
    queue.queue([games[0].pk], SOON)
    queue.request(games[0].pk, SOON)
    assert claim() is None
    assert bytes(Review.objects.get().scores or b"") == b"\x01\x00"


def test_what_fails_is_put_off_ever_longer_and_never_given_up(games: list[Game]) -> None:
    queue.queue([games[0].pk], NOW)
    waits, now = [], NOW
    for _ in range(14):
        with transaction.atomic():
            assert queue.claim("one", now) == games[0].pk
        queue.put_off(games[0].pk, "one", now)
        until = Review.objects.get().claimed_until
        assert until is not None
        waits.append(until - now)
        now = until
    assert waits[:3] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert waits[-1] == timedelta(days=1)


def test_what_a_process_cannot_do_is_free_for_others_at_once(games: list[Game]) -> None:
    queue.queue([games[0].pk], NOW)
    assert claim("one") == games[0].pk
    queue.release(games[0].pk, "two")
    assert claim("two") is None
    queue.release(games[0].pk, "one")
    assert claim("two") == games[0].pk


def test_only_so_many_may_be_waited_for(games: list[Game], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_REQUESTED", 2)
    for game in (games[0], games[1], games[1]):
        queue.request(game.pk, NOW)
    with pytest.raises(GameError) as refused:
        queue.request(games[2].pk, NOW)
    assert refused.value.code is ErrorCode.TRY_AGAIN
    queue.queue([game.pk for game in games], NOW)  # what nobody asked for is never refused
    assert Review.objects.count() == 4


def test_games_that_were_forgotten_are_found(games: list[Game], people: tuple[Player, Player]) -> None:
    store_game(*people, "44")
    store_finished(people[0], None, "", "aborted", None, end_time=NOW)
    queue.queue([games[2].pk], NOW)
    since = queue.looked_until(NOW)
    assert since == NOW - timedelta(days=1) - queue.LATE
    assert queue.unqueued(since, 10) == [games[n].pk for n in (0, 1, 3)]
    assert queue.unqueued(since, 1) == [games[0].pk]
    queue.note_looked(NOW - timedelta(minutes=2.5) + queue.LATE)
    queue.note_looked(NOW - timedelta(minutes=2.5) + queue.LATE)
    assert queue.unqueued(queue.looked_until(NOW), 10) == [games[3].pk]
    assert Looked.objects.count() == 1


def test_bytes_that_make_no_review_are_done_again(games: list[Game]) -> None:
    queue.queue([games[0].pk], NOW)
    queue.finish(games[0].pk, b"?", NOW)
    queue.forget(games[0].pk, NOW)
    assert claim() == games[0].pk


@pytest.mark.parametrize("rated", [True, False])
def test_reviews_wait_while_a_rated_game_of_their_series_goes_on(
    games: list[Game], people: tuple[Player, Player], rated: bool
) -> None:
    first, second, other, _ = games
    Game.objects.filter(pk=second.pk).update(series=first, series_number=2)
    clocks = {"initial": 60, "increment": 0}
    third = store_game(people[1], people[0], series=first, series_number=3, rated=rated, **clocks)
    queue_all(games[:3])
    assert queue.is_held_back(first.pk, first.pk) is rated
    assert queue.is_held_back(second.pk, first.pk) is rated
    assert not queue.is_held_back(other.pk, other.pk)
    assert [claim() for _ in range(3)] == ([other.pk, None, None] if rated else [other.pk, second.pk, first.pk])
    third.state, third.reason, third.end_time = "finished", "timeout", NOW
    third.save()
    if rated:
        assert [claim(later=2), claim(later=2)] == [second.pk, first.pk]
