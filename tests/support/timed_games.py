"""Timed games in memory: Alice made the game, Bob joined it nine seconds after noon."""

from typing import Any

from games.game.changes import GameChange
from games.game.commands import Join
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import Timing
from games.protocol import MovePlayed, PlayMove, Visibility
from games.rules.time_controls import Countdown, TimeControl
from tests.support.live_games import ALICE, BOB, NOON, at, perform, take_in

PLAYERS = [0, ALICE.player_id, BOB.player_id]
BLITZ = Countdown(60, 1)


def new_game(control: TimeControl | None = BLITZ) -> NewGame:
    return NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, time_control=control)


def timed_game(control: TimeControl | None = BLITZ) -> LiveGame:
    """A game that began nine seconds after noon."""
    game = LiveGame(new_game(control))
    perform(game, Join(BOB), BOB.player_id, at(9))
    return game


def send(game: LiveGame, seconds: float, elapsed_ms: int | None = None, **fields: Any) -> GameChange:
    """The ruling on the next move, received at a time; columns from the left."""
    ply = len(game.discs) + 1
    timing = Timing(elapsed_ms, fields.pop("trusted_lag_ms", None))
    move = PlayMove(column=fields.pop("column", (ply - 1) // 2 % 7), ply=ply, version=game.version, **fields)
    change = judge(game, move, PLAYERS[game.turn or 0], at(seconds), timing)
    assert isinstance(change, GameChange)
    return change


def play(game: LiveGame, seconds: float, elapsed_ms: int | None = None, **fields: Any) -> MovePlayed:
    event = take_in(game, send(game, seconds, elapsed_ms, **fields))
    assert isinstance(event, MovePlayed)
    return event


def begun_game(control: TimeControl = BLITZ) -> LiveGame:
    """Both have moved, a second each."""
    game = timed_game(control)
    play(game, 10)
    play(game, 11)
    return game
