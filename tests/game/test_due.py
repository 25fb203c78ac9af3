"""What has to happen to a game though nobody asks for it."""

from datetime import timedelta

import pytest

from games.game.commands import Abandon, Abort, Cancel
from games.game.due import DESERTED_AFTER, UNANSWERED_AFTER, due, due_at
from games.game.live import LiveGame
from games.game.people import HOUSE
from tests.support.live_games import FLAT_WIN, NOON, at, perform, started_game, waiting_game

MOMENT = timedelta(milliseconds=1)


def aborted() -> LiveGame:
    """A game that a moderator has ended."""
    game = started_game("12")
    perform(game, Abort("for the test"), HOUSE)
    return game


def test_a_waiting_game_is_cancelled_after_a_day() -> None:
    game = waiting_game()
    assert due(game, NOON + UNANSWERED_AFTER - MOMENT) == NOON + UNANSWERED_AFTER
    assert due(game, NOON + UNANSWERED_AFTER) == Cancel()


def test_a_game_in_progress_is_abandoned_seven_days_after_its_start_or_last_move() -> None:
    for notation, last in (("", at(9)), ("12", at(12))):
        game = started_game(notation)
        assert due(game, last + DESERTED_AFTER - MOMENT) == last + DESERTED_AFTER
        assert due(game, last + DESERTED_AFTER) == Abandon(len(notation))


@pytest.mark.parametrize("game", [started_game(FLAT_WIN), aborted()])
def test_a_finished_game_is_never_due(game: LiveGame) -> None:
    assert due_at(game) is None
    assert due(game, NOON + timedelta(days=1000)) is None


def test_a_move_never_brings_it_nearer() -> None:
    times = [due_at(started_game(FLAT_WIN[:plies])) for plies in range(len(FLAT_WIN))]
    assert times == sorted(times, key=str)


def test_the_house_may_do_what_is_due() -> None:
    for game in (waiting_game(), started_game("12")):
        now = NOON + timedelta(days=30)
        command = due(game, now)
        assert isinstance(command, Abandon | Cancel)
        perform(game, command, HOUSE, now)
        assert game.is_finished
