"""Claiming a game that the other side has left."""

import pytest

from games.game.claims import claimed_after
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.people import Timing
from games.protocol import ErrorCode, GameError, Outcome, Reason
from games.protocol.commands import Claim
from games.rules.time_controls import Countdown, Days, TimeControl
from tests.support.live_games import ALICE, BOB, CHARLIE, FLAT_WIN, at, refusal, started_game, take_in, waiting_game
from tests.support.timed_games import begun_game, play, timed_game


def claim(game: LiveGame, result: str, alone_s: float | None, asker: int = ALICE.player_id) -> Outcome | None:
    command = Claim(result="win" if result == "win" else "draw")
    take_in(game, judge(game, command, asker, at(90), Timing(alone_s=alone_s)))  # type: ignore[arg-type]  # a change
    return game.outcome


def refused(game: LiveGame, result: str, alone_s: float | None, asker: int = ALICE.player_id) -> ErrorCode:
    with pytest.raises(GameError) as caught:
        claim(game, result, alone_s, asker)
    return caught.value.code


@pytest.mark.parametrize(
    ("control", "wait"),
    [(Countdown(30, 0), 30), (Countdown(60, 1), 30), (Countdown(180, 2), 60), (Countdown(300, 3), 60)],
)
def test_who_is_alone_for_long_enough_wins_or_calls_it_a_draw(control: TimeControl, wait: float) -> None:
    assert claim(begun_game(control), "win", wait) == Outcome(1, Reason.ABANDONMENT)
    assert claim(begun_game(control), "win", wait, BOB.player_id) == Outcome(2, Reason.ABANDONMENT)
    assert claim(begun_game(control), "draw", wait) == Outcome(None, Reason.ABANDONMENT)
    for alone_s in (wait - 0.1, 0.0, None):
        assert refused(begun_game(control), "draw", alone_s) is ErrorCode.NOTHING_TO_CLAIM


def test_without_a_clock_it_is_a_draw_after_a_day() -> None:
    assert refused(started_game("44"), "draw", 86_399) is ErrorCode.NOTHING_TO_CLAIM
    assert refused(started_game("44"), "win", 86_400) is ErrorCode.NOTHING_TO_CLAIM
    assert claim(started_game("44"), "draw", 86_400) == Outcome(None, Reason.ABANDONMENT)


def test_nobody_claims_before_both_have_moved_nor_where_days_are_given() -> None:
    game = timed_game()
    play(game, 10)
    assert refused(game, "win", 1000) is ErrorCode.NOTHING_TO_CLAIM
    assert refused(begun_game(Days(1)), "draw", 10**6) is ErrorCode.NOTHING_TO_CLAIM


def test_claims_are_refused_by_name() -> None:
    command = Claim(result="win")
    assert refusal(begun_game(), command, CHARLIE.player_id) is ErrorCode.NOT_A_PARTICIPANT
    assert refusal(waiting_game(), command, ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
    assert refusal(started_game(FLAT_WIN), command, ALICE.player_id) is ErrorCode.GAME_FINISHED


@pytest.mark.parametrize("seat", [1, 2])
def test_the_computer_is_never_away(seat: int) -> None:
    game = begun_game(Countdown(60, 1))
    both = {1: game.participant1, 2: game.participant2}
    setattr(game, f"participant{seat}", both[seat]._replace(computer=3))  # type: ignore[union-attr]  # both are there
    assert claimed_after(game) is None
    assert refused(game, "win", 1000, both[3 - seat].player_id) is ErrorCode.NOTHING_TO_CLAIM  # type: ignore[union-attr]
