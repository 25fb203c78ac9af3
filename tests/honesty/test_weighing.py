"""After the review of a rated game there are figures of both sides, and of both people; once."""

import math
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from games.computer.models import Review
from games.computer.review import encode
from games.computer.solver.engine import Engine
from games.honesty import weighing
from games.honesty.models import Conduct, GameConduct, PageLeaving
from games.honesty.weighing import Weighing
from games.models import Change, Player
from tests.support.puzzling_games import PUZZLING, store_rated
from tests.support.stored_games import player, store_finished

pytestmark = pytest.mark.django_db(transaction=True)
RATED = {"rated": True, "initial": 60, "increment": 0}


@pytest.fixture
def alice() -> Player:
    return player("alice")


@pytest.fixture
def bob() -> Player:
    return player("bob")


def weigh_all() -> int:
    """All that waits; how many."""
    handler, done = Weighing(), 0
    while found := handler.pending(timezone.now(), 25):
        for work in found:
            with transaction.atomic():
                handler.do(work)
            done += 1
    return done


def test_both_sides_of_a_rated_game_are_weighed_once(alice: Player, bob: Player) -> None:
    game = store_rated(alice, bob)
    assert weigh_all() == 1
    assert weigh_all() == 0
    first, second = GameConduct.objects.order_by("player")
    assert (first.player, second.player) == (alice, bob)
    assert first.turns + second.turns == len(PUZZLING[0])
    assert 0 < first.best <= first.choices < first.turns
    assert first.end_time == game.end_time
    # Plies 3, 5, 7 and so on: the first own move costs nothing.
    logs = [math.log(1000 * ply) for ply in range(3, len(PUZZLING[0]) + 1, 2)]
    assert (first.moves, first.log_sum) == (len(logs), pytest.approx(math.fsum(logs)))
    with transaction.atomic():
        Weighing().do(game.pk)
    assert GameConduct.objects.count() == 2


def test_unrated_and_aborted_games_say_nothing_and_are_not_looked_at_again(alice: Player, bob: Player) -> None:
    store_rated(alice, bob, rated=False)
    aborted = store_finished(alice, bob, "44", "aborted", None, **RATED)
    now = timezone.now()
    scores = encode(0, Engine().score_game(aborted.columns))
    Review.objects.create(game=aborted, queued_at=now, done_at=now, scores=scores)
    assert weigh_all() == 2
    assert weigh_all() == 0
    assert not GameConduct.objects.exists()
    assert not Conduct.objects.exists()


def test_what_was_broken_by_hand_says_nothing_of_anybody(alice: Player, bob: Player) -> None:
    Review.objects.filter(pk=store_rated(alice, bob).pk).update(scores=b"\x01\x00")
    Change.objects.filter(game=store_rated(alice, bob), number=5).delete()
    assert weigh_all() == 2
    assert not Conduct.objects.exists()


def test_a_review_that_waits_is_weighed_when_it_is_done(alice: Player, bob: Player) -> None:
    game = store_rated(alice, bob)
    review = Review.objects.get(pk=game.pk)
    Review.objects.filter(pk=game.pk).update(scores=None, done_at=None)
    assert weigh_all() == 0
    review.save()
    assert weigh_all() == 1


def test_a_person_s_newest_games_are_added_up(alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "NEWEST", 2)
    for day, notation in enumerate(PUZZLING[:3]):
        end = timezone.now() - timedelta(days=10 - day)
        store_rated(alice, bob, notation, start_time=end, end_time=end)
    assert weigh_all() == 3
    conduct = Conduct.objects.get(player=alice)
    newest = list(GameConduct.objects.filter(player=alice).order_by("-end_time")[:2])
    assert conduct.games == 2
    assert (conduct.choices, conduct.best) == (sum(row.choices for row in newest), sum(row.best for row in newest))
    assert conduct.last_game_at == newest[0].end_time
    assert conduct.spread is not None
    assert conduct.spread > 0


def test_bots_are_not_weighed(alice: Player, bob: Player) -> None:
    Player.objects.update(bot=True)
    store_rated(alice, bob)
    assert weigh_all() == 1
    assert not Conduct.objects.exists()


def test_pages_left_are_counted(alice: Player, bob: Player) -> None:
    game = store_rated(alice, bob)
    PageLeaving.objects.create(game=game, seat=2, ply=9, own=3, other=1)
    weigh_all()
    assert [(row.left_own, row.left_other) for row in Conduct.objects.order_by("player")] == [(0, 0), (3, 1)]
    assert Conduct.objects.get(player=bob).left == 4 / (2 * (len(PUZZLING[0]) // 2))


def test_days_have_no_times(alice: Player, bob: Player) -> None:
    store_rated(alice, bob, initial=None, increment=None, days_per_move=3)
    weigh_all()
    assert {row.moves for row in GameConduct.objects.all()} == {0}
    assert Conduct.objects.get(player=alice).spread is None
