"""What the computer owes is found by the store where a hint was lost, and done once however many processes see it."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from games.computer.opponents import opponents
from games.computer.opponents.looking import owing
from games.computer.opponents.players import make_all, player_of
from games.computer.workers.pool import NoAnswer, Pool
from games.computer.workers.questions import ChooseMove
from games.models import Game, Player
from games.protocol import OfferRematch, PlayMove
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import (
    ALICE_WINS,
    append,
    store_finished,
    store_game,
    stored_discs,
    take_back,
)

NOW = timezone.now()
WITHIN = 180.0


@pytest.fixture
def computer(store: str) -> Player:
    return player_of(2)


def until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + WITHIN
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return found


def serve(*houses: House) -> None:
    async def start(_: object) -> None:
        Runtime.here().thinking.serve()

    for started in [house.ask(start) for house in houses]:
        started.result(WITHIN)


def found() -> set[str]:
    return {*owing(NOW, NOW)}


def discs(game: Game) -> list[tuple[int, int]]:
    return [(ply, column) for game_id, ply, column in stored_discs() if game_id == game.pk]


# --- finding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notation", "fields", "is_owed"),
    [
        ("", {}, False),
        ("", {"first_move": 2}, True),
        ("4", {}, True),
        ("44", {}, False),
        ("4", {"first_move": 2}, False),
    ],
)
def test_whose_turn_it_is(
    people: tuple[Player, Player], computer: Player, notation: str, fields: dict[str, Any], is_owed: bool
) -> None:
    games = [
        store_game(people[0], computer, notation, **fields),
        store_game(computer, people[0], notation, first_move=3 - fields.get("first_move", 1)),
    ]
    store_game(*people, notation, **fields)
    assert found() == ({game.pk for game in games} if is_owed else set())


def test_offers_of_the_person(people: tuple[Player, Player], computer: Player) -> None:
    draw, takeback, declined, rematch = (store_game(people[0], computer, "44") for _ in range(4))
    append(draw, "draw_offer", NOW - timedelta(minutes=1), seat=1)
    append(takeback, "takeback_offer", NOW - timedelta(minutes=1), seat=1)
    append(declined, "draw_offer", NOW - timedelta(minutes=1), seat=1)
    append(declined, "draw_decline", NOW - timedelta(minutes=1), seat=2)
    Game.objects.filter(pk=rematch.pk).update(state="finished", reason="agreement", end_time=NOW)
    append(rematch, "rematch_offer", NOW - timedelta(seconds=1), seat=1)
    assert found() == {draw.pk, takeback.pk, rematch.pk}


def test_what_was_taken_back_is_nobodys_move(people: tuple[Player, Player], computer: Player) -> None:
    game = store_game(people[0], computer, "44")
    take_back(game, 2)
    assert game.pk not in found()


def test_what_has_just_happened_is_left_to_whoever_stored_it(people: tuple[Player, Player], computer: Player) -> None:
    game = store_game(people[0], computer, "4", start_time=NOW)
    assert owing(NOW, NOW) == []
    assert owing(NOW, NOW + timedelta(minutes=1)) == [game.pk]


def test_without_any_computer_there_is_nothing(people: tuple[Player, Player]) -> None:
    assert owing(NOW, NOW) == []


def test_there_is_one_player_for_each_level(store: str) -> None:
    make_all()
    make_all()
    assert list(Player.objects.exclude(computer=None).order_by("computer").values_list("computer", flat=True)) == [
        *range(1, 9)
    ]
    assert not any(
        one.user.has_usable_password() for one in Player.objects.exclude(computer=None).select_related("user")
    )


# --- doing ------------------------------------------------------------------------------------------------------


def test_all_that_was_left_is_done_at_the_start(
    houses: list[House], people: tuple[Player, Player], computer: Player
) -> None:
    games = [store_game(people[0], computer, "4") for _ in range(5)]
    serve(houses[0])
    until(lambda: all(len(discs(game)) == 2 for game in games))


def test_two_processes_see_the_same_and_one_move_is_stored(
    houses: list[House], people: tuple[Player, Player], computer: Player
) -> None:
    games = [store_game(people[0], computer, "4") for _ in range(5)]
    serve(*houses)
    until(lambda: all(len(discs(game)) == 2 for game in games))
    time.sleep(1)
    assert all(len(discs(game)) == 2 for game in games)


def test_a_person_moves_again_and_again(
    houses: list[House], people: tuple[Player, Player], computer: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opponents, "THOUGHT", (0.0, 0.01))
    game = store_game(people[0], computer)
    serve(*houses)
    for ply in (1, 3, 5):
        house = houses[ply // 2 % 2]
        assert house.begin(game, people[0].pk, PlayMove(column=ply, ply=ply)).result(WITHIN) == "done"
        until(lambda ply=ply: len(discs(game)) == ply + 1)


def test_a_rematch_that_nobody_has_answered(
    houses: list[House], people: tuple[Player, Player], computer: Player
) -> None:
    game = store_finished(people[0], computer, ALICE_WINS, "four_in_a_row", 1, end_time=timezone.now())
    assert houses[0].begin(game, people[0].pk, OfferRematch()).result(WITHIN) == "done"
    serve(houses[1])
    until(lambda: Game.objects.filter(rematch_of=game).exists())


def test_a_worker_that_gives_up_is_asked_again(
    houses: list[House], people: tuple[Player, Player], computer: Player, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    ask, failures = Pool.ask, []

    async def fail_twice(pool: Pool, question: Any) -> Any:
        if isinstance(question, ChooseMove) and len(failures) < 2:
            failures.append(1)
            raise NoAnswer("for the test")
        return await ask(pool, question)

    monkeypatch.setattr(Pool, "ask", fail_twice)
    monkeypatch.setattr(opponents, "REST", 0.05)
    game = store_game(people[0], computer, "4")
    serve(houses[0])
    until(lambda: len(discs(game)) == 2)
    assert "the computer thinks again: for the test" in caplog.text


def test_a_move_is_not_played_on_a_board_that_has_changed(
    houses: list[House], people: tuple[Player, Player], computer: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A takeback while it thinks: what it had thought of is not played."""
    ask = Pool.ask
    is_asked, may_answer = threading.Event(), threading.Event()

    async def slowly(pool: Pool, question: Any) -> Any:
        is_asked.set()
        while not may_answer.is_set():
            await asyncio.sleep(0.01)
        return await ask(pool, question)

    async def acting(_: object) -> list[str]:
        return [*Runtime.here().thinking.opponents._acting]

    monkeypatch.setattr(Pool, "ask", slowly)
    game = store_game(people[0], computer, "4")
    serve(houses[0])
    assert is_asked.wait(WITHIN)
    take_back(game, 1, seat=1)
    may_answer.set()
    until(lambda: not houses[0].ask(acting).result(WITHIN))
    assert discs(game) == [(1, 3)]  # the row of the disc that was taken back, and no other


def test_a_game_that_is_loaded_is_seen_to(
    houses: list[House], people: tuple[Player, Player], computer: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has stored the person's move, and died; no look finds it."""
    monkeypatch.setattr(opponents, "owing", lambda *_: [])
    game = store_game(people[0], computer, "4")
    serve(houses[0])
    assert houses[0].view(game).columns == [3]
    until(lambda: len(discs(game)) == 2)
