"""Queries written once: the same answers as Django's own, on both databases, for however many values."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from games.models import Game, Player
from games.storage import prepared
from games.storage.loading import numbers
from games.storage.prepared import AT_ONCE
from tests.support.stored_games import store_game


def _states(game_ids: Sequence[str]) -> QuerySet[Any, Any]:
    return Game.objects.filter(pk__in=game_ids, state="in-progress").values_list("pk", "state")


def _names(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    return get_user_model()._default_manager.filter(is_active=True, pk__in=player_ids).values_list("username")


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE])
def test_every_value_is_asked_for_once(alice: Player, bob: Player, count: int) -> None:
    games = [store_game(alice, bob).pk for _ in range(count)]
    store_game(alice, None)
    with CaptureQueriesContext(connection) as queries:
        found = list(prepared.rows(_states, games))
    assert sorted(found) == [(pk, "in-progress") for pk in sorted(games)]
    assert len(queries) == -(-count // AT_ONCE)


def test_what_is_unknown_or_filtered_out_is_missing(alice: Player, bob: Player) -> None:
    waiting, played = store_game(alice, None).pk, store_game(alice, bob).pk
    assert list(prepared.rows(_states, ["ZZZZZZ", waiting, played, "' OR 1=1 --"])) == [(played, "in-progress")]


def test_numbers(alice: Player, bob: Player) -> None:
    assert sorted(prepared.rows(_names, [bob.pk, alice.pk, -1, 10**9])) == [("alice",), ("bob",)]
    bob.user.is_active = False
    bob.user.save()
    assert list(prepared.rows(_names, [bob.pk, alice.pk])) == [("alice",)]


def test_where_many_games_stand(alice: Player, bob: Player) -> None:
    notations = ["1213"[: number % 5] for number in range(AT_ONCE + 3)]
    games = [store_game(alice, bob, notation) for notation in notations]
    waiting = store_game(alice, None)
    found = numbers(game.pk for game in (*games, waiting))
    assert [found[game.pk] for game in games] == [1 + len(notation) for notation in notations]
    assert found[waiting.pk] == 0
