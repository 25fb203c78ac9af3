"""What moderators do about a person is recorded, can be taken back, and ratings can still be computed again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from games.honesty.actions import NotDone, act, undo
from games.honesty.models import Action, GivenBack
from games.models import Game, Player, Rating, RatingCorrection
from games.ratings.applying import rate
from games.ratings.leaderboard import best
from games.ratings.recomputing import Recomputation
from lobby.models import User
from tests.support.stored_games import player, store_game

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> Player:
    return player("alice")


@pytest.fixture
def bob() -> Player:
    return player("bob")


@pytest.fixture
def boss() -> User:
    return User.objects.create_user("boss")


def played(one: Player, other: Player, winner: int | None, days_ago: float = 1.0) -> Game:
    """A rated game of blitz, taken into both ratings."""
    at = timezone.now() - timedelta(days=days_ago)
    game = store_game(
        one, other, state="finished", rated=True, winner=winner, reason="resignation" if winner else "agreement",
        initial=60, increment=1, create_time=at, start_time=at, end_time=at,
    )  # fmt: skip
    with transaction.atomic():
        assert rate(game.pk, timezone.now())
    return game


def points(of: Player) -> float:
    return Rating.objects.get(player=of).rating


def faults() -> list[str]:
    found = Recomputation()
    found.run()
    return found.faults


def done(about: Player, kind: str, by: User) -> Action:
    act(about, kind, "Plays like a solver.", by, timezone.now())
    return Action.objects.filter(player=about, kind=kind).latest("pk")


def test_a_note_is_kept_and_taken_back(alice: Player, boss: User) -> None:
    action = done(alice, Action.NOTE, boss)
    assert (action.text, action.by, action.undone_at) == ("Plays like a solver.", boss, None)
    undo(action, boss, timezone.now())
    action.refresh_from_db()
    assert (action.undone_by, action.undone_at is None) == (boss, False)
    with pytest.raises(NotDone):
        undo(action, boss, timezone.now())


def test_a_marked_person_has_no_place_in_the_leaderboard_until_it_is_taken_back(alice: Player, boss: User) -> None:
    now = timezone.now()
    Rating.objects.create(player=alice, speed="blitz", rating=1700, deviation=60, volatility=0.06, last_game_at=now)
    assert len(best("blitz", now)) == 1
    action = done(alice, Action.MARK, boss)
    assert len(best("blitz", now)) == 0
    with pytest.raises(NotDone):
        act(alice, Action.MARK, "Again.", boss, now)
    assert Action.objects.count() == 1
    undo(action, boss, now)
    assert len(best("blitz", now)) == 1
    assert done(alice, Action.MARK, boss).undone_at is None


def test_opponents_get_back_what_they_lost_and_ratings_can_be_computed_again(
    alice: Player, bob: Player, boss: User
) -> None:
    charlie = player("charlie")
    old = played(alice, charlie, 1, days_ago=40)
    before = points(charlie)
    games = [played(alice, bob, 1, 3), played(bob, alice, 2, 2), played(charlie, alice, None, 1.5)]
    action = done(alice, Action.GIVE_BACK, boss)
    assert points(bob) == pytest.approx(1500)
    assert points(charlie) >= before
    assert {row.game_id for row in GivenBack.objects.all()} <= {game.pk for game in games} - {old.pk}
    assert faults() == []
    # The next games begin with what was given back.
    later = played(bob, charlie, 1, 0.5)
    assert later.pk
    later.refresh_from_db()
    assert later.rating1 == 1500
    assert faults() == []
    corrected = points(bob)
    undo(action, boss, timezone.now())
    assert points(bob) < corrected
    assert faults() == []
    given = [row.points for row in RatingCorrection.objects.order_by("pk")]
    assert sum(given) == pytest.approx(0)
    assert min(given) < 0 < max(given)


def test_what_a_game_cost_is_given_back_once_and_again_after_it_was_taken(
    alice: Player, bob: Player, boss: User
) -> None:
    played(alice, bob, 1)
    action = done(alice, Action.GIVE_BACK, boss)
    with pytest.raises(NotDone):
        act(alice, Action.GIVE_BACK, "Again.", boss, timezone.now())
    assert Action.objects.count() == 1
    undo(action, boss, timezone.now())
    assert points(bob) < 1500
    done(alice, Action.GIVE_BACK, boss)
    assert points(bob) == pytest.approx(1500)
    assert faults() == []


def test_nobody_is_lifted_above_the_rating_from_which_they_lost(alice: Player, bob: Player, boss: User) -> None:
    played(alice, bob, 1, 3)
    for number in range(6):
        played(bob, player(f"other{number}"), 1, 2)
    risen = points(bob)
    assert risen > 1500
    with pytest.raises(NotDone):
        act(alice, Action.GIVE_BACK, "Solver.", boss, timezone.now())
    assert points(bob) == risen


def test_rebuilding_brings_back_what_was_given(alice: Player, bob: Player, boss: User) -> None:
    played(alice, bob, 1, 3)
    done(alice, Action.GIVE_BACK, boss)
    played(bob, alice, 1, 2)
    expected = points(bob)
    Rating.objects.filter(player=bob).update(rating=1)
    assert len(faults()) == 1
    Recomputation(writes=True).run()
    assert points(bob) == expected
    assert faults() == []


def test_a_correction_that_was_tampered_with_is_found(alice: Player, bob: Player, boss: User) -> None:
    played(alice, bob, 1, 3)
    done(alice, Action.GIVE_BACK, boss)
    RatingCorrection.objects.update(points=5000)
    assert len(faults()) == 1
