"""Timed games that everybody has left stay live, and are flagged by the time that was told there."""

import asyncio
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from games.models import Game, Player, Process
from games.presence.heartbeats import Beat
from games.protocol import PlayMove
from games.protocol.commands import Resign
from games.registry.live_entry import Turn
from games.registry.receipts import RECONNECT_WITHIN
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game


def serve(house: House, game: Game) -> None:
    """Be a server's, and have somebody connected to a game."""

    async def begin(_: object) -> None:
        runtime = Runtime.here()
        runtime.heartbeats.start()
        await runtime.heartbeats.known()
        entry = runtime.live_games.subscribe(game.pk)
        runtime.live_games.listening(entry)
        await runtime.registry.view(game.pk)

    house.ask(begin).result(10)


def leave(house: House, game: Game) -> None:
    async def go(_: object) -> None:
        live_games = Runtime.here().live_games
        entry = live_games.find(game.pk)
        assert entry is not None
        live_games.unsubscribe(entry)

    house.ask(go).result(10)


def entry_of(house: House, game: Game) -> Any:
    async def find(_: object) -> Any:
        return Runtime.here().live_games.find(game.pk)

    return house.ask(find).result(10)


def timed(alice: Player, bob: Player, **fields: Any) -> Game:
    return store_game(alice, bob, initial=60, increment=0, start_time=timezone.now(), **fields)


def test_a_timed_game_stays_until_it_is_over(houses: list[House], alice: Player, bob: Player) -> None:
    game = timed(alice, bob)
    serve(houses[0], game)
    assert houses[0].begin(game, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    turn = entry_of(houses[0], game).turn
    leave(houses[0], game)
    assert entry_of(houses[0], game).turn == turn
    serve(houses[0], game)
    assert entry_of(houses[0], game).turn == turn  # who comes back finds the time that was told
    leave(houses[0], game)
    assert houses[0].begin(game, bob.pk, Resign()).result(10) == "done"
    assert entry_of(houses[0], game) is None


def test_who_comes_back_gains_nothing_by_a_move_that_was_made_elsewhere_meanwhile(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = timed(alice, bob)
    serve(houses[0], game)
    assert houses[0].begin(game, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    leave(houses[0], game)
    assert houses[1].begin(game, bob.pk, PlayMove(column=3, ply=2)).result(10) == "done"
    serve(houses[0], game)
    entry = entry_of(houses[0], game)
    assert len(entry.game.discs) == 2
    assert entry.turn.is_by_log  # it doesn't begin with the return


def test_a_turn_that_was_told_by_a_process_which_falls_silent_is_taken_over(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = store_game(alice, bob, initial=60, increment=0, start_time=timezone.now() - timedelta(seconds=9))
    serve(houses[0], game)
    turn = entry_of(houses[0], game).turn
    assert turn.is_by_log
    assert 9_000 <= turn.spent_ms < 20_000

    async def lose(_: object) -> float:
        runtime = Runtime.here()
        entry = runtime.live_games.find(game.pk)
        assert entry is not None
        runtime.heartbeats._beats.append(Beat("lost", turn.since + timedelta(seconds=2), True))
        runtime.timekeeper.silent()
        assert entry.turn is not None
        assert entry.turn.spent_ms == 2_000
        taken_over = entry.turn
        runtime.timekeeper.silent()
        assert entry.turn == taken_over  # once
        return entry.turn.counted_from - runtime.registry.pace.now()

    assert 4 < houses[0].ask(lose).result(10) <= 5


def test_who_comes_back_late_to_a_lost_process_gains_nothing_by_it(
    houses: list[House], alice: Player, bob: Player
) -> None:
    """Time goes on some seconds after the loss was known, whenever the game is loaded."""
    game = store_game(alice, bob, initial=60, increment=0, start_time=timezone.now() - timedelta(seconds=600))
    assert game.start_time is not None
    Process.objects.create(id="gone", seen_at=game.start_time + timedelta(seconds=5))

    async def find(_: object) -> float:
        await Runtime.here().heartbeats.beat()
        return Runtime.here().registry.pace.now()

    found = houses[0].ask(find).result(10)
    time.sleep(1.5)
    serve(houses[0], game)
    turn = entry_of(houses[0], game).turn
    assert turn.spent_ms == 5_000
    assert turn.counted_from <= found + RECONNECT_WITHIN


def test_an_untimed_game_does_not(houses: list[House], alice: Player, bob: Player) -> None:
    game = store_game(alice, bob)
    serve(houses[0], game)
    leave(houses[0], game)
    assert entry_of(houses[0], game) is None


def test_one_that_ended_elsewhere_is_let_go_when_it_is_looked_at(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = timed(alice, bob)
    serve(houses[0], game)
    leave(houses[0], game)
    assert houses[1].begin(game, bob.pk, Resign()).result(10) == "done"

    async def look(_: object) -> None:
        runtime = Runtime.here()
        await asyncio.sleep(1.1)  # what was compared within a second counts as confirmed
        await runtime.due._look_at(game.pk)

    houses[0].ask(look).result(10)
    assert entry_of(houses[0], game) is None


def test_nobody_is_flagged_before_it_is_known_who_is_alive(houses: list[House], alice: Player, bob: Player) -> None:
    game = timed(alice, bob)
    serve(houses[0], game)

    async def look_at_time_that_is_over(settled_for_s: float) -> None:
        runtime, now = Runtime.here(), asyncio.get_running_loop().time()
        runtime.heartbeats._read_at, runtime.heartbeats._settling_since = now, now - settled_for_s
        entry = runtime.live_games.find(game.pk)
        assert entry is not None
        assert entry.game is not None
        entry.turn = Turn(entry.game.turn_since, 10**9, runtime.registry.pace.now())
        await runtime.due._look_at_clock(entry.game, 1)

    for settled_for_s, state in ((0, "in-progress"), (9, "finished")):
        houses[0].ask(lambda _, seconds=settled_for_s: look_at_time_that_is_over(seconds)).result(10)
        game.refresh_from_db()
        assert game.state == state


def test_the_flag_of_a_side_that_is_not_to_move_is_a_tenth_of_a_second_late_at_most(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = timed(alice, bob)
    serve(houses[0], game)
    for ply, player in ((1, alice), (2, bob)):
        assert houses[0].begin(game, player.pk, PlayMove(column=3, ply=ply)).result(10) == "done"

    async def seconds_to_timer(_: object) -> float:
        due, entry = Runtime.here().due, Runtime.here().live_games.find(game.pk)
        assert entry is not None
        assert entry.game is not None
        assert entry.game.clock is not None
        entry.game.clock = entry.game.clock._replace(remaining_ms=(60_000, 1))  # and Alice is to move
        due.arm(entry.game)
        seconds: float = due._timers[game.pk].when() - asyncio.get_running_loop().time()
        return seconds

    assert houses[0].ask(seconds_to_timer).result(10) <= 0.1
