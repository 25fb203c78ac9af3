"""Ending a game that has hardly begun: either side may, before both have moved."""

import pytest

from games.protocol import ErrorCode, GameFinished, Outcome, Reason
from games.protocol.commands import AbortGame
from tests.support.live_games import ALICE, BOB, CHARLIE, FLAT_WIN, at, perform, refusal, started_game, waiting_game

PLAYERS = [None, ALICE.player_id, BOB.player_id]


@pytest.mark.parametrize("seat", [1, 2])
@pytest.mark.parametrize("notation", ["", "4"])
def test_either_side_aborts_before_both_have_moved(notation: str, seat: int) -> None:
    game = started_game(notation)
    event = perform(game, AbortGame(), PLAYERS[seat], at(30))
    assert event == GameFinished(version=2 + len(notation), outcome=Outcome(None, Reason.ABORTED))
    assert (game.end_time, game.changes[-1].seat) == (at(30), seat)


@pytest.mark.parametrize("seat", [1, 2])
def test_after_both_have_moved_it_is_too_late(seat: int) -> None:
    assert refusal(started_game("44"), AbortGame(), PLAYERS[seat]) is ErrorCode.TOO_LATE


def test_aborting_is_refused_by_name() -> None:
    for nobody in (CHARLIE.player_id, None):
        assert refusal(started_game(), AbortGame(), nobody) is ErrorCode.NOT_A_PARTICIPANT
    assert refusal(waiting_game(), AbortGame(), ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
    assert refusal(started_game(FLAT_WIN), AbortGame(), ALICE.player_id) is ErrorCode.GAME_FINISHED
