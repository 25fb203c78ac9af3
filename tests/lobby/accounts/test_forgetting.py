"""Guests who are gone: deleted after a day where they never moved, nameless 90 days after the last."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from games.access import families
from games.models import Game, Player
from games.protocol import GameError
from lobby.accounts import guests
from lobby.accounts.forgetting import deal_with, pending
from lobby.models import Guest, User
from tests.support.houses import House
from tests.support.site import PASSWORD, at, running_game, waiting_game
from tests.support.stored_games import store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def guest() -> User:
    return guests.make("192.0.2.7")


def look(now: datetime) -> None:
    """What the servers do."""
    for work in pending(now, 100):
        deal_with(int(work), now)


def after(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def is_there(user: User) -> bool:
    return User.objects.filter(pk=user.pk).exists()


def test_who_never_moved_is_deleted_after_a_day(guest: User) -> None:
    families.begin(guest)
    look(after(0.99))
    assert is_there(guest)
    look(after(1.01))
    assert not is_there(guest)
    assert not Player.objects.filter(pk=guest.pk).exists()
    assert not Guest.objects.exists()


def test_who_has_begun_something_within_the_day_stays(guest: User) -> None:
    Guest.objects.update(seen_at=timezone.now() + 0.5 * DAY)
    look(after(1.01))
    assert is_there(guest)
    look(after(1.6))
    assert not is_there(guest)


def test_who_moved_keeps_the_name_for_90_days_after_the_last_game(guest: User, alice: User) -> None:
    game = store_finished(guest.player, alice.player, "44", "resignation", 1, end_time=timezone.now() + 5 * DAY)
    look(after(1.01))
    look(after(94.9))
    assert Player.objects.get(pk=guest.pk).name == guest.username
    look(after(95.1))
    player = Player.objects.get(pk=guest.pk)
    assert (player.name, player.guest) == ("[guest]", True)
    assert player.renamed_at is not None
    assert not player.user.is_active
    assert player.user.username.startswith("forgotten-")
    assert guest.username not in str(User.objects.values().get(pk=guest.pk))
    assert Client().get(game.get_absolute_url()).context["game"].participant1 == "[guest]"
    assert not Guest.objects.exists()


def test_who_never_moved_but_sat_in_a_game_loses_the_name_after_a_day(guest: User, alice: User) -> None:
    store_finished(alice.player, guest.player, "4", "aborted", None)
    look(after(1.01))
    assert Player.objects.get(pk=guest.pk).name == "[guest]"


def test_who_still_plays_is_put_off(guest: User, alice: User) -> None:
    game = running_game(alice, guest, "4")
    look(after(1.01))
    assert Player.objects.get(pk=guest.pk).name == guest.username
    assert pending(after(1.02), 10) == []
    Game.objects.filter(pk=game.pk).update(state="finished", reason="aborted", end_time=timezone.now())
    look(after(2.1))
    assert Player.objects.get(pk=guest.pk).name == "[guest]"


def test_an_account_is_never_due(alice: User, guest: User) -> None:
    client = at(guest)
    client.post("/accounts/signup/", {"username": "dora", "password": PASSWORD})
    waiting_game(alice)
    look(after(1000))
    assert {player.name for player in Player.objects.all()} == {"alice", "dora"}


def test_a_look_asks_one_short_question(guest: User) -> None:
    from tests.support.callers import queries

    with queries() as asked:
        assert pending(timezone.now(), 25) == []
    assert len(asked) == 1


@pytest.fixture
def houses() -> Iterator[list[House]]:
    """Two processes."""
    two = [House(), House()]
    yield two
    for house in two:
        house.close()


def test_servers_do_it_by_themselves_and_once_between_them(guest: User, alice: User, houses: list[House]) -> None:
    others = [guests.make("192.0.2.7") for _ in range(30)]
    store_game(guest.player, alice.player, "4", state="finished", reason="aborted", end_time=timezone.now() - 100 * DAY)
    Guest.objects.update(seen_at=timezone.now() - 100 * DAY, due_at=timezone.now() - DAY)

    async def sweep(registry: object) -> None:
        from games.runtime import Runtime

        while True:
            try:
                return await Runtime.here().due.sweep(timezone.now())
            except GameError:  # the other one holds SQLite's lock for long, on a busy machine: servers look again
                await asyncio.sleep(0.1)

    for asked in [house.ask(sweep) for house in houses]:
        asked.result(60)
    assert not User.objects.filter(pk__in=[other.pk for other in others]).exists()
    assert Player.objects.get(pk=guest.pk).name == "[guest]"
    assert not Guest.objects.exists()


def test_the_command_does_it_at_once(guest: User) -> None:
    Guest.objects.update(seen_at=timezone.now() - DAY, due_at=timezone.now())
    out = StringIO()
    call_command("forget_guests", stdout=out)
    assert out.getvalue() == "1 guests looked at.\n"
    assert not is_there(guest)
