"""Taking seat 2."""

from games.game.changes import Start
from games.game.commands import Cancel, Join
from games.game.judging import judge
from games.protocol import ErrorCode, GameStarted, Snapshot, State
from tests.support.live_games import (
    ALICE,
    BOB,
    CHARLIE,
    FLAT_WIN,
    NOON,
    at,
    perform,
    refusal,
    started_game,
    take_in,
    waiting_game,
)


def test_joining_starts_the_game() -> None:
    game = waiting_game()
    change = judge(game, Join(BOB), BOB.player_id, at(9))
    assert change == Start(game_id="A9F3QX", number=1, at=at(9), seat=2, participant=BOB)
    assert (game.state, game.participant2, game.version) == (State.WAITING, None, 0)
    event = take_in(game, change)
    assert event == GameStarted(version=1, game=game.as_json_object())
    assert (game.state, game.participant2, game.version) == (State.IN_PROGRESS, BOB, 1)
    assert (game.create_time, game.start_time, game.turn) == (NOON, at(9), 1)


def test_who_holds_the_seat_already_is_answered_also_after_the_end() -> None:
    for game in (started_game("4"), started_game(FLAT_WIN)):
        version = game.version
        answer = judge(game, Join(BOB), BOB.player_id, at(60))
        assert isinstance(answer, Snapshot)
        assert (answer.you, answer.game.version, game.version) == (2, version, version)


def test_joining_is_refused_by_name() -> None:
    cancelled = waiting_game()
    perform(cancelled, Cancel(), ALICE.player_id)
    assert refusal(waiting_game(), Join(ALICE), ALICE.player_id) is ErrorCode.OWN_GAME
    assert refusal(started_game(), Join(ALICE), ALICE.player_id) is ErrorCode.OWN_GAME
    assert refusal(started_game(), Join(CHARLIE), CHARLIE.player_id) is ErrorCode.GAME_FULL
    assert refusal(started_game(FLAT_WIN), Join(CHARLIE), CHARLIE.player_id) is ErrorCode.GAME_FINISHED
    assert refusal(cancelled, Join(BOB), BOB.player_id) is ErrorCode.GAME_FINISHED
