"""Games of the ballot: four plies on the board at the start, which belong to nobody."""

import msgspec
import pytest

from games.game.changes import RematchStart, Start, as_message, of_message
from games.game.commands import Join
from games.game.due import due_at
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.restoring import begin, events_since, hear, restore
from games.protocol import ErrorCode, GameStarted, MovePlayed, OfferRematch, PlayMove, Resign, Visibility
from games.protocol.commands import AbortGame, OfferDraw, OfferTakeback
from games.protocol.events import MovesTakenBack
from games.rules.openings import DRAWN, Opening, is_of_ballot, mirrored
from games.rules.time_controls import Countdown, TimeControl
from tests.support.live_games import ALICE, BOB, NOON, at, perform, refusal, take_in
from tests.support.timed_games import PLAYERS

BLITZ = Countdown(60, 1)


def waiting(control: TimeControl | None = None, first_move: int = 1) -> LiveGame:
    new = NewGame(
        "A9F3QX", ALICE, first_move, Visibility.PUBLIC, NOON, time_control=control, opening=Opening.BALLOT
    )  # fmt: skip
    return LiveGame(new)


def started(control: TimeControl | None = None, first_move: int = 1) -> LiveGame:
    """A game with the opening 1122, which Bob joined nine seconds after noon."""
    game = waiting(control, first_move)
    take_in(game, Start(game_id=game.id, number=1, at=at(9), seat=2, participant=BOB, opening="1122"))
    return game


def play(game: LiveGame, column: int, seconds: float = 10) -> MovePlayed:
    move = PlayMove(column=column, ply=len(game.discs) + 1, version=game.version)
    event = perform(game, move, PLAYERS[game.turn or 0], at(seconds))
    assert isinstance(event, MovePlayed)
    return event


def end(game: LiveGame) -> LiveGame:
    """Its rematch."""
    perform(game, Resign(), BOB.player_id)
    perform(game, OfferRematch(), ALICE.player_id)
    change = judge(game, OfferRematch(), BOB.player_id, at(60))
    assert isinstance(change, RematchStart)
    return begin(change.new_game)


def test_nobody_sees_it_before_the_start() -> None:
    game = waiting().as_json_object()
    assert (game.opening_plies, game.moves, game.notation, game.version) == (4, [], "", 0)


def test_it_is_drawn_when_the_second_one_joins() -> None:
    drawn = set()
    for _ in range(30):
        change = judge(waiting(), Join(BOB), BOB.player_id, at(9))
        assert isinstance(change, Start)
        assert is_of_ballot(change.opening)
        drawn.add(change.opening)
    assert len(drawn) > 5


def test_all_of_the_ballot_and_their_mirror_images_are_drawn() -> None:
    drawn = {Opening.BALLOT.draw() for _ in range(8000)}
    assert drawn == {*DRAWN, *map(mirrored, DRAWN)}
    assert Opening.NONE.draw() == ""


@pytest.mark.parametrize("first_move", [1, 2])
def test_it_is_part_of_the_start(first_move: int) -> None:
    game = started(first_move=first_move)
    [event] = events_since(game, 0)
    assert isinstance(event, GameStarted)
    assert (event.version, event.game.version, event.game.moves) == (1, 1, [0, 0, 1, 1])
    assert (event.game.turn, event.game.opening_plies, event.game.notation) == (first_move, 4, "1122")
    move = play(game, 2)
    assert (move.version, move.ply, move.participant, move.row, move.turn) == (2, 5, first_move, 0, 3 - first_move)


def test_its_plies_cannot_be_played_again() -> None:
    game = started()
    for ply, column in enumerate([0, 0, 1, 1], start=1):
        for player in (ALICE, BOB):
            assert refusal(game, PlayMove(column=column, ply=ply), player.player_id) is ErrorCode.WRONG_PLY
    play(game, 2)
    again = judge(game, PlayMove(column=2, ply=5), ALICE.player_id, at(20))
    assert isinstance(again, MovePlayed)


def test_clocks_and_aborting_leave_it_out() -> None:
    game = started(BLITZ)
    assert game.clock is not None
    assert game.clock.have_both_moved is False
    assert due_at(game) == at(9 + 20)  # the time of a first move
    assert play(game, 2, 12).move_ms == 0
    perform(started(BLITZ), AbortGame(), BOB.player_id)
    play(game, 2, 14)
    assert refusal(game, AbortGame(), BOB.player_id) is ErrorCode.TOO_LATE
    charged = play(game, 3, 17)
    assert charged.move_ms == 3000
    assert charged.clock is not None
    assert charged.clock.remaining_ms == (58_000, 60_000)


def test_a_takeback_leaves_it_on_the_board() -> None:
    game = started(BLITZ)
    for player in (ALICE, BOB):
        assert refusal(game, OfferTakeback(), player.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    play(game, 2)
    assert refusal(game, OfferTakeback(), BOB.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    play(game, 3)
    perform(game, OfferTakeback(), ALICE.player_id)
    event = perform(game, OfferTakeback(), BOB.player_id)
    assert isinstance(event, MovesTakenBack)
    assert (event.plies, event.game.moves, event.game.turn) == (2, [0, 0, 1, 1], 1)
    assert game.clock is not None
    assert game.clock.own_moves == (1, 1)  # a clock that has run goes on to run


def test_draws_may_be_offered_from_the_first_own_move_on() -> None:
    game = started()
    perform(game, OfferDraw(), ALICE.player_id)
    play(game, 6)
    play(game, 6)
    assert refusal(game, OfferDraw(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE  # 4 plies, opening left out
    play(game, 5)
    play(game, 5)
    perform(game, OfferDraw(), ALICE.player_id)


def test_a_rematch_is_played_from_the_other_side_and_the_one_after_draws_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("games.rules.openings._ballot.draw", lambda: mirrored(DRAWN[-1]))
    second = end(started())
    assert (second.opening_moves, second.columns, second.participant1) == ("1122", [0, 0, 1, 1], BOB)
    assert second.turn == 1
    third = end(second)
    assert third.opening_moves == mirrored(DRAWN[-1])
    assert end(third).opening_moves == third.opening_moves


def test_games_without_an_opening_go_on_without() -> None:
    game = LiveGame(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON))
    perform(game, Join(BOB), BOB.player_id, at(9))
    assert end(game).columns == []


def test_a_log_restores_it_and_another_process_hears_of_it() -> None:
    game = started()
    play(game, 2)
    made = NewGame(game.id, ALICE, 1, game.visibility, NOON, opening=Opening.BALLOT)
    assert restore(made, game.changes).as_json_object() == game.as_json_object()
    heard = LiveGame(made)
    for change in game.changes:
        assert hear(heard, of_message(as_message(change)))  # type: ignore[arg-type]  # both kinds are of the union
    assert heard.columns == game.columns
    with pytest.raises(ValueError, match="not the one that was agreed on"):
        restore(made, [msgspec.structs.replace(game.changes[0], opening="")])


def test_a_game_is_not_started_without_the_opening_that_it_has_to_have() -> None:
    with pytest.raises(ValueError, match="agreed on"):
        NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, BOB, at(9), opening=Opening.BALLOT)
