"""Who may play rated games."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from games.game.people import Participant, RatingShown
from games.models import Game, Player, Rating
from games.protocol import ErrorCode, GameError
from games.ratings.eligibility import BREAK, MOST_ABORTS, entering, rests_until
from tests.support.stored_games import append, player, store_game

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _any_age(settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0


@pytest.fixture
def alice() -> Player:
    return player("alice")


@pytest.fixture
def bob() -> Player:
    return player("bob")


def comes(who: Participant, speed: str = "blitz", rated: bool = True) -> RatingShown | None:
    return entering(who, speed, rated, timezone.now())


def refusal(who: Participant) -> str:
    with pytest.raises(GameError) as raised:
        comes(who)
    assert raised.value.code is ErrorCode.NOT_RATED
    return raised.value.message


def aborted(one: Player, other: Player, seat: int, ago: timedelta, rated: bool = True) -> Game:
    """A game that this seat's side ended, so long ago, before both had moved."""
    at = timezone.now() - ago
    game = store_game(
        one, other, state="finished", reason="aborted", rated=rated, initial=60, increment=0,
        create_time=at, start_time=at, end_time=at,
    )  # fmt: skip
    append(game, "end", at, seat=seat, body='{"reason":"aborted","winner":null}')
    return game


def test_somebody_new_comes_with_a_guess(alice: Player) -> None:
    assert comes(alice.participant) == RatingShown(1500, True)
    assert comes(alice.participant, rated=False) is None


def test_a_rating_is_that_of_the_speed(alice: Player) -> None:
    Rating.objects.create(player=alice, speed="rapid", rating=1712.6, deviation=60, volatility=0.06, games=40)
    assert comes(alice.participant, "rapid") == comes(alice.participant, "rapid", rated=False) == (1713, False, None)
    assert comes(alice.participant, "blitz") == RatingShown(1500, True)


def test_guests_and_computers_play_unrated(alice: Player) -> None:
    assert "Sign up" in refusal(alice.participant._replace(guest=True))
    assert "computer" in refusal(alice.participant._replace(computer=3))


def test_a_new_account_waits(alice: Player, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 60
    assert refusal(alice.participant).endswith("in 60 minutes.")
    alice.user.date_joined -= timedelta(minutes=61)
    alice.user.save()
    assert comes(alice.participant) == RatingShown(1500, True)


def test_who_aborts_often_rests_from_rated_games(alice: Player, bob: Player) -> None:
    now = timezone.now()
    for number in range(MOST_ABORTS - 1):
        aborted(alice, bob, 1, timedelta(minutes=20 + number))
    aborted(alice, bob, 2, timedelta(minutes=1))
    aborted(alice, bob, 1, timedelta(minutes=1), rated=False)
    assert rests_until(alice.pk, now) is None
    last = aborted(bob, alice, 2, timedelta(minutes=2))
    assert rests_until(alice.pk, now) == (last.end_time or now) + BREAK
    assert "several rated games" in refusal(alice.participant)
    assert rests_until(bob.pk, now) is None
    assert rests_until(alice.pk, now + BREAK) is None


def test_aborts_of_many_hours_don_t_add_up(alice: Player, bob: Player) -> None:
    for hours in range(MOST_ABORTS):
        aborted(alice, bob, 1, timedelta(hours=hours))
    assert rests_until(alice.pk, timezone.now()) is None
