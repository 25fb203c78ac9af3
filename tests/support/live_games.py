"""The cast, and games in memory alone: Alice made the game, Bob joined it, Charlie watches."""

from datetime import UTC, datetime, timedelta

import pytest

from games import protocol
from games.game.changes import GameChange
from games.game.commands import Command, Join
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import Asker, Participant
from games.protocol import ErrorCode, GameError, Visibility

ALICE, BOB, CHARLIE = Participant(1, "alice"), Participant(2, "bob"), Participant(3, "charlie")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FLAT_WIN = "1122334"
"""Whoever moves first wins on the bottom row."""


def at(seconds: float) -> datetime:
    """A time of the story."""
    return NOON + timedelta(seconds=seconds)


def waiting_game(first_move: int = 1) -> LiveGame:
    """A game that Alice has just made."""
    return LiveGame(NewGame("A9F3QX", ALICE, first_move, Visibility.PUBLIC, NOON))


def perform(game: LiveGame, command: Command, asker: Asker, now: datetime = NOON) -> protocol.Event:
    """Judge a command that must change the game, and apply what it changes."""
    change = judge(game, command, asker, now)
    assert isinstance(change, GameChange)
    return take_in(game, change)


def take_in(game: LiveGame, change: GameChange) -> protocol.Event:
    """Apply a change, as if it were stored; what everybody hears."""
    game.take_in(change)
    return change.event(game)


def started_game(notation: str = "", first_move: int = 1) -> LiveGame:
    """A game that Bob has joined, after these moves, one a second."""
    game = waiting_game(first_move)
    perform(game, Join(BOB), BOB.player_id, at(9))
    for ply, digit in enumerate(notation, start=1):
        mover = (ALICE, BOB)[game.mover_of(ply) - 1]
        perform(game, protocol.PlayMove(column=int(digit) - 1, ply=ply), mover.player_id, at(10 + ply))
    return game


def refusal(game: LiveGame, command: Command, asker: Asker) -> ErrorCode:
    """The code by which a command is refused; the game must be as it was."""
    before = (game.version, game.columns[:], game.state, game.outcome, game.rematch, game.participant2)
    with pytest.raises(GameError) as caught:
        judge(game, command, asker, at(60))
    assert before == (game.version, game.columns, game.state, game.outcome, game.rematch, game.participant2)
    assert caught.value.message == protocol.MESSAGES[caught.value.code]
    return caught.value.code
