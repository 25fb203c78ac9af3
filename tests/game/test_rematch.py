"""Another game after the end: offered, taken back, declined, accepted."""

import pytest

from games.game.changes import RematchOffer, RematchStart
from games.game.commands import Cancel
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.restoring import begin
from games.protocol import (
    DeclineRematch,
    ErrorCode,
    OfferRematch,
    Rematch,
    RematchDeclined,
    RematchOffered,
    RematchStarted,
    Resign,
    State,
    Visibility,
)  # fmt: skip
from games.protocol.objects import TimeControlObject
from games.rules.time_controls import Days
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


@pytest.fixture
def finished() -> LiveGame:
    return started_game(FLAT_WIN)


@pytest.fixture
def offered(finished: LiveGame) -> LiveGame:
    perform(finished, OfferRematch(), ALICE.player_id)
    return finished


def test_either_side_offers(finished: LiveGame) -> None:
    change = judge(finished, OfferRematch(), BOB.player_id, at(60))
    assert change == RematchOffer(game_id="A9F3QX", number=9, at=at(60), seat=2)
    version = finished.version
    assert take_in(finished, change) == RematchOffered(participant=2)
    assert finished.rematch == Rematch(offered_by=2, game=None)
    assert finished.version == version  # not versioned


def test_an_offer_made_twice_is_answered_and_changes_nothing(offered: LiveGame) -> None:
    assert judge(offered, OfferRematch(), ALICE.player_id, at(60)) == RematchOffered(participant=1)


def test_the_other_sides_offer_accepts(offered: LiveGame) -> None:
    change = judge(offered, OfferRematch(), BOB.player_id, at(60))
    assert isinstance(change, RematchStart)
    new = change.new_game
    assert new is not None
    assert (change.seat, change.game) == (2, new.game_id)
    assert (new.participant1, new.participant2) == (BOB, ALICE)
    assert (new.first_move, new.visibility, new.rematch_of) == (1, Visibility.PUBLIC, "A9F3QX")
    assert (new.create_time, new.start_time) == (at(60), at(60))
    assert take_in(offered, change) == RematchStarted(game=new.game_id)
    assert offered.rematch == Rematch(offered_by=None, game=new.game_id)


def test_a_rematch_is_played_with_the_same_time_control_and_with_or_without_takebacks() -> None:
    terms = {"time_control": Days(3), "takebacks": False}
    new = NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, at(0), participant2=BOB, start_time=at(9), **terms)
    game = begin(new)
    perform(game, Resign(), BOB.player_id)
    perform(game, OfferRematch(), ALICE.player_id)
    change = judge(game, OfferRematch(), BOB.player_id, at(60))
    assert isinstance(change, RematchStart)
    again = begin(change.new_game).as_json_object()
    assert (again.time_control, again.speed) == (TimeControlObject(days_per_move=3), "correspondence")
    assert again.takebacks is False


def test_the_new_game_is_in_progress_at_version_1(offered: LiveGame) -> None:
    change = judge(offered, OfferRematch(), BOB.player_id, at(60))
    assert isinstance(change, RematchStart)
    assert change.new_game is not None
    game = begin(change.new_game)
    assert (game.state, game.version, game.turn) == (State.IN_PROGRESS, 1, 1)


def test_the_same_number_moves_first_and_the_seats_swap() -> None:
    game = started_game("4", first_move=2)
    game.visibility = Visibility.PRIVATE
    perform(game, Resign(), BOB.player_id)
    perform(game, OfferRematch(), BOB.player_id)
    change = judge(game, OfferRematch(), ALICE.player_id, at(60))
    assert isinstance(change, RematchStart)
    assert change.new_game is not None
    assert (change.new_game.first_move, change.new_game.participant2) == (2, ALICE)
    assert change.new_game.visibility is Visibility.PRIVATE


@pytest.mark.parametrize("player", [ALICE, BOB])
def test_an_offer_is_taken_back_or_declined(offered: LiveGame, player) -> None:
    event = perform(offered, DeclineRematch(), player.player_id)
    assert event == RematchDeclined(participant=1 if player is ALICE else 2)
    assert offered.rematch == Rematch()
    perform(offered, OfferRematch(), BOB.player_id)  # and may be made again
    assert offered.rematch == Rematch(offered_by=2)


def test_once_there_is_a_rematch_whoever_asks_is_told_which(offered: LiveGame) -> None:
    event = perform(offered, OfferRematch(), BOB.player_id)
    for player in (ALICE, BOB):
        assert judge(offered, OfferRematch(), player.player_id, at(99)) == event
        assert refusal(offered, DeclineRematch(), player.player_id) is ErrorCode.REMATCH_UNAVAILABLE


def test_a_rematch_is_refused_by_name(finished: LiveGame) -> None:
    cancelled = waiting_game()
    perform(cancelled, Cancel(), ALICE.player_id)
    for command in (OfferRematch(), DeclineRematch()):
        assert refusal(finished, command, CHARLIE.player_id) is ErrorCode.NOT_A_PARTICIPANT
        assert refusal(finished, command, None) is ErrorCode.NOT_A_PARTICIPANT
        for game in (waiting_game(), started_game("4"), cancelled):
            assert refusal(game, command, ALICE.player_id) is ErrorCode.REMATCH_UNAVAILABLE
    assert refusal(finished, DeclineRematch(), BOB.player_id) is ErrorCode.REMATCH_UNAVAILABLE


def test_new_games_are_not_shared_between_judgements(offered: LiveGame) -> None:
    """Two acceptances that race make two candidates; the store takes one."""
    first, second = (judge(offered, OfferRematch(), BOB.player_id, at(60)) for _ in range(2))
    assert isinstance(first, RematchStart)
    assert isinstance(second, RematchStart)
    assert first.game != second.game
