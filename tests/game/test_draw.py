"""A draw by agreement: offered, taken back, declined, accepted; and what else ends an offer."""

import pytest

from games.game.judging import judge
from games.game.restoring import events_since
from games.protocol import ErrorCode, GameFinished, Outcome, PlayMove, Reason, Resign, State
from games.protocol.commands import DeclineDraw, OfferDraw
from games.protocol.events import DrawDeclined, DrawOffered
from games.protocol.objects import Offers
from tests.support.live_games import ALICE, BOB, CHARLIE, FLAT_WIN, at, perform, refusal, started_game, waiting_game

PLAYERS = [None, ALICE.player_id, BOB.player_id]


def offered_game(by: int = 1, notation: str = "44"):
    game = started_game(notation)
    perform(game, OfferDraw(), PLAYERS[by], at(30))
    return game


@pytest.mark.parametrize("seat", [1, 2])
def test_either_side_offers_whoever_is_to_move(seat: int) -> None:
    game = started_game("4")
    assert perform(game, OfferDraw(), PLAYERS[seat], at(30)) == DrawOffered(version=3, participant=seat)
    assert game.as_json_object().offers == Offers(draw=seat)
    assert (game.version, game.turn, game.state) == (3, 2, State.IN_PROGRESS)


def test_an_offer_made_twice_is_answered_and_changes_nothing() -> None:
    game = offered_game()
    perform(game, PlayMove(column=0, ply=3), ALICE.player_id)
    assert judge(game, OfferDraw(), ALICE.player_id, at(60)) == DrawOffered(version=4, participant=1)
    assert game.version == 5


@pytest.mark.parametrize("seat", [1, 2])
def test_the_other_sides_offer_accepts(seat: int) -> None:
    game = offered_game(by=seat)
    event = perform(game, OfferDraw(), PLAYERS[3 - seat], at(60))
    assert event == GameFinished(version=5, outcome=Outcome(None, Reason.AGREEMENT))
    assert (game.state, game.end_time, game.as_json_object().offers) == (State.FINISHED, at(60), Offers())


@pytest.mark.parametrize("seat", [1, 2])
def test_an_offer_is_taken_back_or_declined(seat: int) -> None:
    game = offered_game()
    assert perform(game, DeclineDraw(), PLAYERS[seat], at(60)) == DrawDeclined(version=5, participant=seat)
    assert game.as_json_object().offers == Offers()
    assert refusal(game, DeclineDraw(), PLAYERS[seat]) is ErrorCode.OFFER_UNAVAILABLE


def test_an_offer_stands_until_its_receiver_moves() -> None:
    game = offered_game(by=1)
    perform(game, PlayMove(column=0, ply=3), ALICE.player_id)
    assert game.draw_offered_by == 1  # the one who offers may move
    perform(game, PlayMove(column=0, ply=4), BOB.player_id)
    assert game.draw_offered_by is None
    assert refusal(game, DeclineDraw(), BOB.player_id) is ErrorCode.OFFER_UNAVAILABLE


def test_an_offer_is_gone_with_the_end() -> None:
    game = offered_game()
    perform(game, Resign(), BOB.player_id)
    assert game.as_json_object().offers == Offers()
    for command in (OfferDraw(), DeclineDraw()):
        assert refusal(game, command, ALICE.player_id) is ErrorCode.GAME_FINISHED


def test_each_side_offers_at_most_once_in_four_plies() -> None:
    game = offered_game(by=1, notation="44")
    perform(game, DeclineDraw(), BOB.player_id)
    for ply, column in ((3, 0), (4, 1), (5, 0)):
        perform(game, PlayMove(column=column, ply=ply), PLAYERS[2 - ply % 2])
        assert refusal(game, OfferDraw(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE
    perform(game, OfferDraw(), BOB.player_id)  # the other side's count is its own
    perform(game, DeclineDraw(), BOB.player_id)
    perform(game, PlayMove(column=1, ply=6), BOB.player_id)
    assert perform(game, OfferDraw(), ALICE.player_id) == DrawOffered(version=game.version, participant=1)


def test_accepting_counts_as_no_offer() -> None:
    game = offered_game(by=1, notation="44")
    perform(game, DeclineDraw(), ALICE.player_id)
    perform(game, OfferDraw(), BOB.player_id)
    assert perform(game, OfferDraw(), ALICE.player_id) == GameFinished(
        version=game.version, outcome=Outcome(None, Reason.AGREEMENT)
    )


def test_draws_are_refused_by_name() -> None:
    for command in (OfferDraw(), DeclineDraw()):
        for nobody in (CHARLIE.player_id, None):
            assert refusal(started_game("4"), command, nobody) is ErrorCode.NOT_A_PARTICIPANT
        assert refusal(waiting_game(), command, ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
        assert refusal(started_game(FLAT_WIN), command, ALICE.player_id) is ErrorCode.GAME_FINISHED
    assert refusal(started_game("4"), DeclineDraw(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE


def test_moves_between_offers_keep_their_versions() -> None:
    game = offered_game(notation="44")
    perform(game, PlayMove(column=0, ply=3), ALICE.player_id)
    assert (game.move_played(2).version, game.move_played(3).version) == (3, 5)
    assert [getattr(event, "version", None) for event in events_since(game, 2)] == [3, 4, 5]
