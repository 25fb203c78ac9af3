"""Ends other than by a move: resignation, cancelling, and what the house decides."""

import pytest

from games.game.changes import End
from games.game.commands import Abandon, Abort, Adjudicate, Cancel, Command
from games.game.judging import judge
from games.game.people import HOUSE
from games.protocol import (
    DeclineRematch,
    ErrorCode,
    GameFinished,
    OfferRematch,
    Outcome,
    PlayMove,
    Reason,
    Resign,
    State,
)
from tests.support.live_games import ALICE, BOB, CHARLIE, FLAT_WIN, at, perform, refusal, started_game, waiting_game


@pytest.mark.parametrize(("player", "winner"), [(ALICE, 2), (BOB, 1)])
@pytest.mark.parametrize("notation", ["", "4", "44"])
def test_who_resigns_gives_the_game_to_the_other_side_whoever_has_the_turn(player, winner, notation) -> None:
    game = started_game(notation)
    event = perform(game, Resign(), player.player_id, at(30))
    assert event == GameFinished(version=2 + len(notation), outcome=Outcome(winner, Reason.RESIGNATION))
    assert (game.state, game.outcome, game.end_time) == (State.FINISHED, event.outcome, at(30))
    assert (game.version, game.turn) == (event.version, None)


def test_a_resignation_is_refused_by_name() -> None:
    assert refusal(started_game(), Resign(), CHARLIE.player_id) is ErrorCode.NOT_A_PARTICIPANT
    assert refusal(started_game(), Resign(), None) is ErrorCode.NOT_A_PARTICIPANT
    assert refusal(waiting_game(), Resign(), ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
    assert refusal(started_game(FLAT_WIN), Resign(), BOB.player_id) is ErrorCode.GAME_FINISHED


def test_the_change_says_from_where_it_ends_the_game() -> None:
    change = judge(started_game("44"), Resign(), BOB.player_id, at(30))
    assert change == End(game_id="A9F3QX", number=4, at=at(30), seat=2, winner=1, reason=Reason.RESIGNATION)
    change = judge(waiting_game(), Cancel(), ALICE.player_id, at(30))
    assert change == End(game_id="A9F3QX", number=1, at=at(30), winner=None, reason=Reason.ABORTED)


def test_cancelling_a_waiting_game_finishes_it_at_version_1() -> None:
    game = waiting_game()
    event = perform(game, Cancel(), ALICE.player_id, at(30))
    assert event == GameFinished(version=1, outcome=Outcome(None, Reason.ABORTED))
    assert (game.state, game.participant2, game.start_time, game.end_time) == (State.FINISHED, None, None, at(30))


def test_cancelling_is_refused_by_name() -> None:
    cancelled = waiting_game()
    perform(cancelled, Cancel(), ALICE.player_id)
    assert refusal(waiting_game(), Cancel(), BOB.player_id) is ErrorCode.NOT_A_PARTICIPANT
    assert refusal(started_game(), Cancel(), ALICE.player_id) is ErrorCode.GAME_ALREADY_STARTED
    assert refusal(started_game(), Cancel(), BOB.player_id) is ErrorCode.GAME_ALREADY_STARTED
    assert refusal(started_game(FLAT_WIN), Cancel(), ALICE.player_id) is ErrorCode.GAME_FINISHED
    assert refusal(cancelled, Cancel(), ALICE.player_id) is ErrorCode.GAME_FINISHED


@pytest.mark.parametrize("winner", [1, 2, None])
def test_a_moderator_adjudicates(winner: int | None) -> None:
    game = started_game("4")
    event = perform(game, Adjudicate(winner, "He left."), HOUSE, at(30))
    assert event == GameFinished(version=3, outcome=Outcome(winner, Reason.ADJUDICATION))
    assert (game.note, game.version) == ("He left.", 3)


@pytest.mark.parametrize("make", [waiting_game, started_game])
def test_a_moderator_aborts_what_is_not_over(make) -> None:
    game = make()
    before = game.version
    event = perform(game, Abort("Spam."), HOUSE, at(30))
    assert event == GameFinished(version=before + 1, outcome=Outcome(None, Reason.ABORTED))
    assert (game.note, game.state) == ("Spam.", State.FINISHED)


def test_a_deserted_game_ends_without_a_winner() -> None:
    game = started_game("4")
    assert perform(game, Abandon(plies=1), HOUSE).outcome == Outcome(None, Reason.ABANDONMENT)


def test_a_game_in_which_somebody_moved_after_all_is_not_deserted() -> None:
    assert refusal(started_game("44"), Abandon(plies=1), HOUSE) is ErrorCode.WRONG_PLY


@pytest.mark.parametrize("command", [Adjudicate(1, ""), Abandon(plies=0)])
def test_the_house_can_only_decide_a_game_in_progress(command: Command) -> None:
    assert refusal(waiting_game(), command, HOUSE) is ErrorCode.GAME_NOT_STARTED
    assert refusal(started_game(FLAT_WIN), command, HOUSE) is ErrorCode.GAME_FINISHED


@pytest.mark.parametrize("command", [Adjudicate(1, ""), Abort(""), Abandon(plies=1)])
@pytest.mark.parametrize("asker", [ALICE.player_id, CHARLIE.player_id, None])
def test_only_the_house_decides(command: Command, asker: int | None) -> None:
    assert refusal(started_game("4"), command, asker) is ErrorCode.FORBIDDEN


def test_the_house_plays_no_moves_and_cancels_what_nobody_joined() -> None:
    for command in (PlayMove(column=3, ply=1), Resign(), OfferRematch(), DeclineRematch()):
        assert refusal(started_game(), command, HOUSE) is ErrorCode.NOT_A_PARTICIPANT
    assert perform(waiting_game(), Cancel(), HOUSE).outcome == Outcome(None, Reason.ABORTED)


def test_what_is_over_cannot_be_aborted() -> None:
    assert refusal(started_game(FLAT_WIN), Abort(""), HOUSE) is ErrorCode.GAME_FINISHED
