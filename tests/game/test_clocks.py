"""Clocks of a live game: what moves cost, when time is over, and what the log and the wire say of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.game.changes import Drop, End, GameChange, as_message, of_message
from games.game.clocks import flag_of
from games.game.commands import Flag
from games.game.due import DESERTED_AFTER, due, due_at, due_at_first
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import HOUSE
from games.game.restoring import begin, events_since, restore
from games.protocol import ErrorCode, GameError, GameFinished, Outcome, Reason, Resign, Visibility
from games.protocol.commands import AbortGame, AddTime, OfferTakeback
from games.protocol.events import TimeAdded
from games.protocol.objects import ClockObject
from games.rules.time_controls import Countdown, Days
from games.storage.log import change_of, row_of
from tests.support.live_games import (
    ALICE,
    BOB,
    CHARLIE,
    NOON,
    at,
    perform,
    refusal,
    started_game,
    take_in,
    waiting_game,
)
from tests.support.timed_games import BLITZ, PLAYERS, begun_game, new_game, play, send, timed_game

BULLET = Countdown(30, 0)


# --- what moves cost --------------------------------------------------------------------------------------------


def test_an_untimed_game_has_no_clock_and_its_moves_no_time() -> None:
    game = timed_game(None)
    event = play(game, 3600)
    assert (event.clock, event.move_ms, game.as_json_object().clock) == (None, None, None)
    assert row_of(game.changes[-1]).body == ""


def test_first_moves_are_free_and_announced_with_their_deadline() -> None:
    game = timed_game()
    assert game.as_json_object().clock == ClockObject(
        (60_000, 60_000), None, "2026-11-20T12:00:09.000Z", "2026-11-20T12:00:29.000Z"
    )
    event = play(game, 20)
    assert event.move_ms == 0
    assert event.clock == ClockObject((60_000, 60_000), None, "2026-11-20T12:00:20.000Z", "2026-11-20T12:00:40.000Z")
    event = play(game, 25)
    assert event.clock == ClockObject((60_000, 60_000), 1, "2026-11-20T12:00:25.000Z")


def test_a_waiting_game_has_no_clock() -> None:
    assert LiveGame(new_game()).as_json_object().clock is None


def test_a_move_costs_what_elapsed_less_lag_and_gets_the_increment() -> None:
    game = begun_game()
    event = play(game, 16, elapsed_ms=5_000, move_time_ms=4_800)
    assert event.move_ms == 4_800
    assert event.clock is not None
    assert (event.clock.remaining_ms, event.clock.running) == ((56_200, 60_000), 2)
    assert event.played_at == "2026-11-20T12:00:16.000Z"


def test_where_nobody_measured_the_times_in_the_log_say_what_elapsed() -> None:
    game = begun_game()
    assert play(game, 14.5).move_ms == 3_500


def test_a_trusted_lag_makes_up_where_the_client_says_nothing() -> None:
    assert play(begun_game(), 16, elapsed_ms=5_000, trusted_lag_ms=120).move_ms == 4_880


def test_resending_is_answered_with_the_clock_of_then() -> None:
    game = begun_game()
    first = play(game, 16, elapsed_ms=5_000)
    play(game, 18)
    assert game.move_played(3) == first
    assert game.move_played(1).clock == ClockObject(
        (60_000, 60_000), None, "2026-11-20T12:00:10.000Z", "2026-11-20T12:00:30.000Z"
    )


# --- time is over -----------------------------------------------------------------------------------------------


def test_a_move_that_comes_at_zero_ends_the_game() -> None:
    game = begun_game()
    change = send(game, 71, elapsed_ms=60_000, move_time_ms=60_000)
    assert take_in(game, change) == GameFinished(version=4, outcome=Outcome(2, Reason.TIMEOUT))
    shown = game.as_json_object()
    assert shown.clock is not None
    assert (shown.clock.remaining_ms, shown.clock.running, shown.end_time) == (
        (0, 60_000), None, "2026-11-20T12:01:11.000Z"
    )  # fmt: skip


def test_a_move_within_the_compensation_is_in_time() -> None:
    game = begun_game()
    event = play(game, 71, elapsed_ms=60_000, move_time_ms=59_900)
    assert event.move_ms == 59_900
    assert event.clock is not None
    assert event.clock.remaining_ms == (1_100, 60_000)


@pytest.mark.parametrize("plies", [0, 1])
def test_a_first_move_that_comes_too_late_aborts_the_game(plies: int) -> None:
    game = timed_game()
    for _ in range(plies):
        play(game, 10)
    change = send(game, 40, elapsed_ms=20_000)
    assert isinstance(change, End)
    assert change.outcome == Outcome(None, Reason.ABORTED)


def test_an_illegal_move_is_refused_whatever_the_time() -> None:
    with pytest.raises(GameError) as caught:
        send(begun_game(), 100, elapsed_ms=60_000, column=7)
    assert caught.value.code is ErrorCode.NO_SUCH_COLUMN


def test_the_house_flags_what_is_still_due() -> None:
    game = begun_game()
    flag = flag_of(game)
    event = perform(game, flag, HOUSE, at(90))
    assert event == GameFinished(version=4, outcome=Outcome(2, Reason.TIMEOUT))


def test_a_flag_is_refused_after_a_move_a_takeback_and_more_time() -> None:
    for act in (
        lambda game: play(game, 12),
        lambda game: [perform(game, OfferTakeback(), PLAYERS[seat], at(12)) for seat in (2, 1)],
        lambda game: perform(game, AddTime(), BOB.player_id, at(12)),
    ):
        game = begun_game()
        flag = flag_of(game)
        act(game)
        assert refusal(game, flag, HOUSE) is ErrorCode.WRONG_PLY
    assert refusal(started_game("44"), Flag(NOON, 0), HOUSE) is ErrorCode.WRONG_PLY
    for nobody in (ALICE.player_id, CHARLIE.player_id, None):
        assert refusal(begun_game(), flag, nobody) is ErrorCode.FORBIDDEN


def test_what_is_due_to_a_timed_game() -> None:
    game = timed_game()
    assert due_at(game) == at(29)
    assert due_at_first(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, BOB, at(9), time_control=BLITZ)) == at(29)
    assert due_at_first(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, BOB, at(9))) == at(9) + DESERTED_AFTER
    assert due(game, at(28)) == at(29)
    assert due(game, at(29)) == flag_of(game)
    game = begun_game()
    grace = 0.9  # three gains of 150 ms + 4 ms for each of 75 s, of which a flag waits for 2 s at most
    assert due_at(game) is not None
    assert due(game, at(11 + 60 + 2)) == flag_of(game)
    assert due(game, at(11 + 60 + grace)) == due_at(game)


def test_a_look_comes_again_before_the_other_sides_time_can_be_over() -> None:
    """Moves don't write when a game is due."""
    game = begun_game(Countdown(60, 0))
    play(game, 66, elapsed_ms=55_000, move_time_ms=55_000)  # Alice has 5 s left, Bob 60
    again = due(game, at(67))
    assert isinstance(again, type(NOON))
    assert at(67 + 5) < again <= at(67 + 7)


def test_days_are_for_each_move_the_first_included() -> None:
    game = timed_game(Days(1))
    clock = game.as_json_object().clock
    assert clock is not None
    assert (clock.running, clock.first_move_by) == (1, None)
    assert due(game, at(9 + 86_400)) == flag_of(game)
    assert perform(game, flag_of(game), HOUSE, at(90_000)) == GameFinished(
        version=2, outcome=Outcome(2, Reason.TIMEOUT)
    )


# --- time that is given, moves taken back -----------------------------------------------------------------------


def test_a_side_gives_the_other_time_up_to_twice_what_it_began_with() -> None:
    game = begun_game(BULLET)
    event = perform(game, AddTime(), BOB.player_id, at(12))
    assert event == TimeAdded(
        version=4, participant=1, clock=ClockObject((45_000, 30_000), 1, "2026-11-20T12:00:11.000Z")
    )
    perform(game, AddTime(), BOB.player_id, at(12))
    assert refusal_code(game, AddTime(), BOB.player_id) is ErrorCode.OFFER_UNAVAILABLE
    perform(game, AddTime(), ALICE.player_id, at(12))
    shown = game.as_json_object().clock
    assert shown is not None
    assert shown.remaining_ms == (60_000, 45_000)


def refusal_code(game: LiveGame, command: Any, asker: int | None) -> ErrorCode:
    with pytest.raises(GameError) as caught:
        judge(game, command, asker, at(60))
    return caught.value.code


def test_time_is_given_in_timed_games_in_progress_alone() -> None:
    assert refusal_code(started_game("44"), AddTime(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE
    assert refusal_code(begun_game(Days(1)), AddTime(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE
    assert refusal(waiting_game(), AddTime(), ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
    assert refusal(begun_game(), AddTime(), CHARLIE.player_id) is ErrorCode.NOT_A_PARTICIPANT


def test_after_a_takeback_clocks_stay_and_the_side_to_move_is_charged_from_then_on() -> None:
    game = begun_game()
    play(game, 16, elapsed_ms=5_000)
    for seat in (1, 2):
        perform(game, OfferTakeback(), PLAYERS[seat], at(30 + seat))
    shown = game.as_json_object()
    assert shown.clock is not None
    assert (shown.clock.running, shown.clock.at) == (1, "2026-11-20T12:00:32.000Z")
    left = shown.clock.remaining_ms
    assert play(game, 33).move_ms == 1_000
    assert game.clock is not None
    assert game.clock.remaining_ms[0] == left[0]  # a second, and the increment


def test_clocks_go_on_after_a_takeback_to_the_empty_board() -> None:
    game = begun_game()
    for seat in (1, 2):
        perform(game, OfferTakeback(), PLAYERS[seat], at(12))
    assert game.notation == ""
    assert play(game, 14).move_ms == 2_000
    event = play(game, 17)
    assert event.move_ms == 3_000
    assert game.move_played(1).clock == ClockObject((59_000, 60_000), 2, "2026-11-20T12:00:14.000Z")
    assert refusal(game, AbortGame(), ALICE.player_id) is ErrorCode.TOO_LATE


# --- the log ----------------------------------------------------------------------------------------------------


def test_a_disc_of_a_timed_game_is_stored_with_what_it_cost() -> None:
    game = begun_game()
    play(game, 16, elapsed_ms=5_000, move_time_ms=4_800)
    row = row_of(game.changes[-1])
    assert json.loads(row.body) == [4_800, 200, 450, [56_200, 60_000]]
    assert change_of(row, {}) == game.changes[-1]
    with_names = {"charged_ms": 4_800, "compensation_ms": 200, "gain_ms": 450, "left_ms": [56_200, 60_000]}
    assert change_of(row._replace(body=json.dumps({"time": with_names})), {}) == game.changes[-1]  # as rows were once
    for change in game.changes[1:]:  # what the game's row says of the start is not in the log
        assert change_of(row_of(change), {"participant": BOB}) == change
        assert isinstance(change, GameChange)
        assert of_message(as_message(change)) == change


def test_a_move_without_its_time_makes_no_timed_game() -> None:
    log = started_game("4").changes
    with pytest.raises(ValueError, match="no time"):
        restore(new_game(), log)


elapses = st.integers(0, 25_000)


@given(st.lists(st.tuples(elapses, st.none() | elapses, st.none() | st.integers(0, 2_000)), max_size=42))
def test_replaying_the_log_gives_the_same_clocks(moves: list[tuple[int, int | None, int | None]]) -> None:
    game = timed_game()
    now = 10.0
    for elapsed_ms, move_time_ms, lag_ms in moves:
        if game.is_finished:
            break
        now += elapsed_ms / 1000
        thought = {} if move_time_ms is None else {"move_time_ms": move_time_ms}
        column = game.position.legal_columns[elapsed_ms % len(game.position.legal_columns)]
        take_in(game, send(game, now, elapsed_ms, trusted_lag_ms=lag_ms, column=column, **thought))
    again = restore(new_game(), [change_of(row_of(change), {"participant": BOB}) for change in game.changes])
    assert again.clock == game.clock
    assert again.as_json_object() == game.as_json_object()
    assert len(events_since(game, 0)) == game.version
    drops = [change for change in again.changes if isinstance(change, Drop)]
    if drops and not (game.outcome and game.outcome.reason is Reason.TIMEOUT):
        assert drops[-1].time is not None
        assert again.clock is not None
        assert drops[-1].time.left_ms == again.clock.remaining_ms


def test_a_rematch_starts_with_full_clocks() -> None:
    game = begin(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, BOB, at(9), time_control=BLITZ))
    perform(game, Resign(), ALICE.player_id, at(20))
    shown = game.as_json_object().clock
    assert shown is not None
    assert (shown.remaining_ms, shown.running, shown.first_move_by) == ((60_000, 60_000), None, None)
