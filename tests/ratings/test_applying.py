"""A rated game changes both ratings, once; and all of them can be computed again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from games.models import Game, Player, Rating, RatingChange
from games.ratings import glicko
from games.ratings.applying import MOST_A_DAY, rate, unrated
from games.ratings.recomputing import Recomputation
from tests.support.stored_games import LONG_AGO, player, store_game
from tests.support.stores import database, new_sqlite

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_servers_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database of its own: servers of other tests look at the usual one every few seconds, and rate what ended."""
    with database(new_sqlite(tmp_path / "own.sqlite3")):
        yield


def ended(one: Player, other: Player, winner: int | None = 1, after: timedelta = timedelta(), **fields: object) -> Game:
    """A rated game, of blitz unless said, that ended so long after `LONG_AGO`."""
    row = {
        "state": "finished", "rated": True, "winner": winner, "reason": "resignation" if winner else "agreement",
        "create_time": LONG_AGO + after - timedelta(minutes=2), "start_time": LONG_AGO + after - timedelta(minutes=1),
        "end_time": LONG_AGO + after, "initial": 60, "increment": 1, **fields,
    }  # fmt: skip
    return store_game(one, other, **row)


def rated(game: Game, now: datetime | None = None) -> bool:
    with transaction.atomic():
        return rate(game.pk, now or timezone.now()) is not None


def rating(of: Player, speed: str = "blitz") -> glicko.Rating:
    row = Rating.objects.get(player=of, speed=speed)
    return glicko.Rating(row.rating, row.deviation, row.volatility)


def said(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out = StringIO()
    try:
        call_command("ratings", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


@pytest.fixture
def alice() -> Player:
    return player("alice")


@pytest.fixture
def bob() -> Player:
    return player("bob")


def test_the_winner_gains_and_the_loser_loses_as_the_arithmetic_says(alice: Player, bob: Player) -> None:
    game = ended(alice, bob)
    assert rated(game)
    new = glicko.Rating()
    assert rating(alice) == glicko.after_games(new, [(new, 1.0)], 0)
    assert rating(bob) == glicko.after_games(new, [(new, 0.0)], 0)
    game.refresh_from_db()
    assert (game.rating1, game.provisional1, game.rating2) == (1500, True, 1500)
    assert game.rating_change1 == round(rating(alice).rating) - 1500 == -(game.rating_change2 or 0)
    assert game.rated_at is not None


def test_a_game_is_rated_once(alice: Player, bob: Player) -> None:
    game = ended(alice, bob)
    assert unrated(25) == [game.pk]
    assert (rated(game), rated(game)) == (True, False)
    assert RatingChange.objects.count() == 2
    assert unrated(25) == []


def test_a_draw_between_equals_changes_the_deviation_alone(alice: Player, bob: Player) -> None:
    assert rated(ended(alice, bob, winner=None))
    assert rating(alice) == rating(bob)
    assert rating(alice).rating == 1500
    assert rating(alice).deviation < 500


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "aborted", "winner": None},
        {"rated": False},
        {"state": "in-progress", "reason": "", "winner": None, "end_time": None},
    ],
)
def test_what_counts_nothing(alice: Player, bob: Player, fields: dict[str, object]) -> None:
    rated(ended(alice, bob, **fields))  # type: ignore[arg-type]
    assert not RatingChange.objects.exists()


def test_an_account_that_became_a_bots_while_it_took_its_seat_is_rated_with_nobody(alice: Player, bob: Player) -> None:
    games = ended(alice, bob), ended(bob, alice)
    Player.objects.filter(pk=bob.pk).update(bot=True)
    assert [rated(game) for game in games] == [True, True]
    assert not RatingChange.objects.exists()
    Player.objects.filter(pk=alice.pk).update(bot=True)
    assert rated(ended(alice, bob))
    assert RatingChange.objects.count() == 2


def test_speeds_are_rated_apart_and_claims_and_flags_count(alice: Player, bob: Player) -> None:
    assert rated(ended(alice, bob, reason="timeout"))
    assert rated(ended(alice, bob, reason="abandonment", initial=300, increment=3))
    assert rated(ended(alice, bob, initial=None, increment=None, days_per_move=2))
    assert {*Rating.objects.filter(games=1).values_list("speed", flat=True)} == {"blitz", "rapid", "correspondence"}


def test_the_same_two_count_ten_times_within_a_day(alice: Player, bob: Player) -> None:
    games = [ended(alice, bob, after=timedelta(minutes=5 * number)) for number in range(MOST_A_DAY + 1)]
    swapped = ended(bob, alice, after=timedelta(hours=2))
    others = ended(alice, player("charlie"), after=timedelta(hours=3))
    next_day = ended(alice, bob, after=timedelta(days=1, minutes=2))
    for game in (*games, swapped, others, next_day):
        assert rated(game)
    counted = {*RatingChange.objects.values_list("game", flat=True)}
    assert counted == {*(game.pk for game in games[:MOST_A_DAY]), others.pk, next_day.pk}


def test_a_game_that_is_rated_late_ages_no_rating_backwards(alice: Player, bob: Player) -> None:
    late, early = ended(alice, bob, after=timedelta(days=9)), ended(alice, bob)
    assert rated(late)
    assert rated(early)
    assert Rating.objects.get(player=alice).last_game_at == late.end_time
    assert said("--check") == ("2 rated games computed again, nothing differs.\n", 0)


def test_ratings_are_computed_again_and_mended(alice: Player, bob: Player) -> None:
    charlie = player("charlie")
    pairs = [(alice, bob), (bob, charlie), (charlie, alice)]
    for number in range(30):
        one, other = pairs[number % 3]
        assert rated(ended(one, other, winner=(1, 2, None)[number * 7 % 5 % 3], after=timedelta(days=number)))
    assert said("--check") == ("30 rated games computed again, nothing differs.\n", 0)
    before = {player.pk: rating(player) for player in (alice, bob, charlie)}
    Rating.objects.filter(player=alice).update(rating=2500)
    Rating.objects.filter(player=bob).delete()
    wrong = RatingChange.objects.filter(player=charlie).order_by("pk")[3]
    RatingChange.objects.filter(pk=wrong.pk).update(deviation=1)
    Game.objects.filter(pk=wrong.game_id).update(rating_change1=99)
    printed, status = said("--check")
    assert status == 1
    assert printed.endswith("30 rated games computed again, 4 differ.\n")
    rebuilt = Recomputation(writes=True)
    rebuilt.run()
    assert [f"{fault}" for fault in rebuilt.faults] == printed.splitlines()[:-1]
    assert {player.pk: rating(player) for player in (alice, bob, charlie)} == before
    assert said("--check")[1] == 0


def test_nothing_is_rebuilt_while_others_have_the_database_open(alice: Player) -> None:
    other = connections["default"].copy()
    other.ensure_connection()
    try:
        with pytest.raises(SystemExit, match="ratings are rebuilt while nobody plays"):
            call_command("ratings", "--rebuild")
    finally:
        other.close()


def test_one_side_alone_is_a_fault(alice: Player, bob: Player) -> None:
    game = ended(alice, bob)
    assert rated(game)
    RatingChange.objects.filter(player=bob).delete()
    printed, status = said("--check")
    assert f"game {game.pk}: one rating has changed, and one has not" in printed
    assert status == 1
