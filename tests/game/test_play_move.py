"""`play_move`, judged in the order that the contract gives."""

import pytest

from games.game.changes import Drop
from games.game.commands import Abort, Cancel
from games.game.judging import judge
from games.game.people import HOUSE
from games.protocol import ErrorCode, MovePlayed, Outcome, PlayMove, Reason, Resign, State
from tests.support.live_games import (
    ALICE,
    BOB,
    CHARLIE,
    FLAT_WIN,
    at,
    perform,
    refusal,
    started_game,
    take_in,
    waiting_game,
)


def move(column: int, ply: int) -> PlayMove:
    return PlayMove(column=column, ply=ply)


def test_a_move_is_a_change_that_alters_nothing_until_it_is_applied() -> None:
    game = started_game("44")
    change = judge(game, move(2, 3), ALICE.player_id, at(20))
    assert isinstance(change, Drop)
    assert (change.game_id, change.number, change.seat, change.column, change.at) == ("A9F3QX", 4, 1, 2, at(20))
    assert change.outcome is None
    assert (game.columns, game.version, game.turn) == ([3, 3], 3, 1)
    event = take_in(game, change)
    assert (game.columns, game.version, game.turn) == ([3, 3, 2], 4, 2)
    assert event == MovePlayed(
        version=4, ply=3, column=2, row=0, participant=1, turn=2, legal_columns=[0, 1, 2, 3, 4, 5, 6], outcome=None,
        played_at="2026-11-20T12:00:20.000Z",
    )  # fmt: skip


def test_the_one_who_moves_first_has_the_odd_plies() -> None:
    game = started_game(first_move=2)
    assert game.turn == 2
    assert refusal(game, move(3, 1), ALICE.player_id) is ErrorCode.NOT_YOUR_TURN
    event = perform(game, move(3, 1), BOB.player_id)
    assert isinstance(event, MovePlayed)
    assert (event.participant, event.turn) == (2, 1)


# --- the order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("player_id", [CHARLIE.player_id, None])
def test_who_has_no_seat_is_told_so_before_anything_else(player_id: int | None) -> None:
    nonsense = move(99, -5)
    for game in (waiting_game(), started_game("44"), started_game(FLAT_WIN)):
        assert refusal(game, nonsense, player_id) is ErrorCode.NOT_A_PARTICIPANT


def test_a_game_that_waits_has_not_started() -> None:
    assert refusal(waiting_game(), move(99, -5), ALICE.player_id) is ErrorCode.GAME_NOT_STARTED


def test_a_cancelled_game_is_over_rather_than_not_started() -> None:
    game = waiting_game()
    perform(game, Cancel(), ALICE.player_id)
    assert refusal(game, move(0, 1), ALICE.player_id) is ErrorCode.GAME_FINISHED


def test_a_recorded_ply_is_answered_as_it_was_then_and_changes_nothing() -> None:
    game = started_game("444")
    answer = judge(game, move(3, 1), ALICE.player_id, at(60))
    assert answer == MovePlayed(
        version=2, ply=1, column=3, row=0, participant=1, turn=2, legal_columns=[0, 1, 2, 3, 4, 5, 6], outcome=None,
        played_at="2026-11-20T12:00:11.000Z",
    )  # fmt: skip
    assert game.version == 4


def test_the_legal_columns_of_a_repeated_answer_are_those_of_then() -> None:
    game = started_game("4444442")
    fifth = judge(game, move(3, 5), ALICE.player_id, at(60))
    sixth = judge(game, move(3, 6), BOB.player_id, at(60))
    assert isinstance(fifth, MovePlayed)
    assert isinstance(sixth, MovePlayed)
    assert (fifth.row, fifth.legal_columns) == (4, [0, 1, 2, 3, 4, 5, 6])
    assert (sixth.row, sixth.legal_columns) == (5, [0, 1, 2, 4, 5, 6])


def test_also_the_ply_that_ended_the_game_is_answered_again() -> None:
    game = started_game(FLAT_WIN)
    first, last = (judge(game, move(column, ply), ALICE.player_id, at(60)) for column, ply in ((0, 1), (3, 7)))
    assert isinstance(first, MovePlayed)
    assert isinstance(last, MovePlayed)
    assert (first.turn, first.outcome) == (2, None)
    assert (last.version, last.turn, last.legal_columns) == (8, None, [])
    assert last.outcome == Outcome(1, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))


def test_a_ply_of_a_resigned_game_is_answered_as_it_was_before_the_resignation() -> None:
    game = started_game("44")
    perform(game, Resign(), BOB.player_id)
    answer = judge(game, move(3, 2), BOB.player_id, at(60))
    assert isinstance(answer, MovePlayed)
    assert (answer.version, answer.turn, answer.outcome) == (3, 1, None)


@pytest.mark.parametrize(("column", "ply"), [(0, 3), (3, 1), (3, 4), (99, 3), (0, 0), (0, 99)])
def test_after_the_end_everything_else_is_refused_as_over(column: int, ply: int) -> None:
    game = started_game("44")
    perform(game, Abort("a test"), HOUSE)
    assert game.state is State.FINISHED
    assert refusal(game, move(column, ply), BOB.player_id) is ErrorCode.GAME_FINISHED


@pytest.mark.parametrize(
    ("column", "ply", "player_id"),
    [
        (0, 1, ALICE.player_id),  # another column than was recorded
        (3, 2, ALICE.player_id),  # the right column of the other side's ply
        (99, 2, BOB.player_id),  # no column at all
        (0, 2, BOB.player_id),  # and that although it is not Bob's turn either
    ],
)
def test_a_ply_that_is_recorded_otherwise_is_wrong_whoever_has_the_turn(column: int, ply: int, player_id: int) -> None:
    assert started_game("4444").turn == 1
    assert refusal(started_game("4444"), move(column, ply), player_id) is ErrorCode.WRONG_PLY


@pytest.mark.parametrize(("column", "ply"), [(0, 3), (0, 4), (0, 99), (0, 0), (0, -1), (7, 3), (99, 99)])
def test_the_other_sides_turn_comes_before_the_number_and_the_column(column: int, ply: int) -> None:
    assert refusal(started_game("44"), move(column, ply), BOB.player_id) is ErrorCode.NOT_YOUR_TURN


@pytest.mark.parametrize("ply", [0, -1, 4, 5, 10**30])
@pytest.mark.parametrize("column", [0, 3, 7, -1])
def test_a_ply_that_is_not_the_next_is_wrong_whatever_the_column(column: int, ply: int) -> None:
    assert refusal(started_game("44"), move(column, ply), ALICE.player_id) is ErrorCode.WRONG_PLY


@pytest.mark.parametrize("column", [-1, 7, 8, 10**30, -(10**30)])
def test_any_integer_outside_0_to_6_is_no_column(column: int) -> None:
    assert refusal(started_game("44"), move(column, 3), ALICE.player_id) is ErrorCode.NO_SUCH_COLUMN


def test_a_full_column_is_full() -> None:
    assert refusal(started_game("444444"), move(3, 7), ALICE.player_id) is ErrorCode.COLUMN_FULL


# --- ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first_move", "winner"), [(1, 1), (2, 2)])
def test_four_in_a_row_ends_the_game_with_the_move(first_move: int, winner: int) -> None:
    game = started_game(FLAT_WIN[:-1], first_move)
    mover = (ALICE, BOB)[winner - 1].player_id
    event = perform(game, move(3, 7), mover, at(77))
    assert isinstance(event, MovePlayed)
    assert event.outcome == game.outcome == Outcome(winner, Reason.FOUR_IN_A_ROW, ((0, 0), (1, 0), (2, 0), (3, 0)))
    assert (event.turn, event.legal_columns, event.version) == (None, [], 8)
    assert (game.state, game.end_time, game.version, game.turn) == (State.FINISHED, at(77), 8, None)


def test_the_42nd_disc_fills_the_board_without_a_winner(drawn_notation: str) -> None:
    game = started_game(drawn_notation)
    assert game.outcome == Outcome(None, Reason.BOARD_FULL, None)
    assert (game.state, game.version, len(game.columns)) == (State.FINISHED, 43, 42)


def test_a_win_with_the_42nd_disc_is_a_win() -> None:
    from tests.support.notations import WON_BY_THE_42ND

    outcome = started_game(WON_BY_THE_42ND).outcome
    assert outcome is not None
    assert (outcome.winner, outcome.reason) == (2, Reason.FOUR_IN_A_ROW)
