"""Who has a timed game live writes it down: all of them, a few writes for many, and none that waits for a lock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from games.models import Game, Player
from games.presence import heartbeats
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game


@pytest.fixture
def house(store: str) -> Iterator[House]:
    made = House()
    yield made
    made.close()


def hold(house: House, *games: Game) -> str:
    """Have a process hold games, and give a sign of life; the process."""

    async def held(_: Any) -> str:
        here = Runtime.here().heartbeats
        here.start()
        for game in games:
            here.hold(game.pk)
        await here.beat()
        return here.id

    process: str = house.ask(held).result(60)
    return process


def holders(*games: Game) -> list[str]:
    """Who holds games, by the store."""
    by_id = dict(Game.objects.filter(pk__in=[game.pk for game in games]).values_list("pk", "held_by"))
    return [by_id[game.pk] for game in games]


@contextmanager
def locked_by_another(game: Game) -> Iterator[None]:
    """Another transaction holds the game's row."""
    is_locked, is_over = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic():
            list(Game.objects.select_for_update().filter(pk=game.pk))
            is_locked.set()
            is_over.wait(60)
        connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    assert is_locked.wait(60)
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_hundreds_at_once_are_all_held(house: House, alice: Player) -> None:
    """As after a restart. Each used to be a write of its own, of which no more than 500 may wait."""
    now = timezone.now()
    games = [Game(pk=f"HE{number:04d}", participant1=alice, create_time=now) for number in range(700)]
    Game.objects.bulk_create(games)
    assert {*holders(*games)} == {""}
    process = hold(house, *games)
    assert {*holders(*games)} == {process}
    Game.objects.filter(pk__in=[game.pk for game in games]).delete()


def test_more_than_one_write_takes(house: House, alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "HELD_AT_ONCE", 3)
    games = [store_game(alice, bob) for _ in range(7)]
    process = hold(house, *games)
    assert holders(*games) == [process] * 7


def test_a_game_that_somebody_has_locked_is_held_later_and_nothing_waits_for_it(
    store: str, house: House, alice: Player, bob: Player
) -> None:
    locked, free = store_game(alice, bob), store_game(alice, bob)
    if store == "postgresql":  # SQLite locks no rows
        with locked_by_another(locked):
            process = hold(house, locked, free)
            assert holders(locked, free) == ["", process]
        hold(house)
    else:
        process = hold(house, locked, free)
    assert holders(locked, free) == [process, process]
