"""Aborting games: those that wait and those in progress, with a reason, without a winner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from games.models import Game, Player
from games.records.verification import check_all
from tests.support.stored_games import store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:games_game_changelist")
Said = Callable[[Any], list[str]]


def abort(client: Client, *games: Game, reason: str = "Test game.") -> Any:
    chosen = {"action": "abort", "_selected_action": [game.pk for game in games]}
    return client.post(LIST, {**chosen, "confirmed": "yes", "reason": reason}, follow=True)


def outcome(game: Game) -> tuple[str, str, int | None, str]:
    game.refresh_from_db()
    return game.state, game.reason, game.winner, game.note


def test_waiting_and_running_games_end_without_a_winner(admin: Client, alice: Player, bob: Player, said: Said) -> None:
    waiting, running = store_game(alice, None), store_game(alice, bob, "44")
    (message,) = said(abort(admin, waiting, running))
    assert set(message.removeprefix("Ended: ").removesuffix(".").split(", ")) == {waiting.pk, running.pk}
    assert [outcome(game) for game in (waiting, running)] == [("finished", "aborted", None, "Test game.")] * 2
    assert not any(report.faults for report in check_all(timezone.now()))
    assert LogEntry.objects.filter(change_message__contains="Aborted: Test game.").count() == 2


def test_it_asks_first_and_only_for_a_reason(admin: Client, alice: Player) -> None:
    game = store_game(alice, None)
    answer = admin.post(LIST, {"action": "abort", "_selected_action": game.pk})
    assert "winner" not in answer.context["form"].fields
    assert outcome(game)[0] == "waiting"


def test_a_finished_game_is_refused_by_name(admin: Client, alice: Player, bob: Player, said: Said) -> None:
    over = store_finished(alice, bob, "44", "resignation", 1)
    assert said(abort(admin, over)) == [f"Not ended: {over.pk}. This game is over."]
    assert outcome(over) == ("finished", "resignation", 1, "")


def test_no_reason_ends_nothing(admin: Client, alice: Player) -> None:
    game = store_game(alice, None)
    assert abort(admin, game, reason="").context["form"].errors
    assert outcome(game)[0] == "waiting"


def test_a_viewer_may_not(viewer: Client, alice: Player) -> None:
    game = store_game(alice, None)
    abort(viewer, game)
    assert outcome(game)[0] == "waiting"
