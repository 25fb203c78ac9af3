"""Taking discs back: asked for, declined, agreed to; and moves that were sent before it."""

import msgspec
import pytest

from games.game.judging import judge
from games.game.live import LiveGame
from games.game.moves import is_ahead
from games.game.new_game import NewGame
from games.game.restoring import events_since, restore
from games.protocol import ErrorCode, GameFinished, MovePlayed, PlayMove, Resign, Visibility
from games.protocol.commands import AbortGame, DeclineTakeback, OfferDraw, OfferTakeback
from games.protocol.events import MovesTakenBack, TakebackDeclined, TakebackOffered
from games.protocol.objects import Offers
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
    waiting_game,
)

PLAYERS = [0, ALICE.player_id, BOB.player_id]


def asked_game(by: int, notation: str) -> LiveGame:
    game = started_game(notation)
    perform(game, OfferTakeback(), PLAYERS[by], at(30))
    return game


def taken_back(by: int, notation: str) -> LiveGame:
    game = asked_game(by, notation)
    perform(game, OfferTakeback(), PLAYERS[3 - by], at(40))
    return game


def without_takebacks() -> LiveGame:
    log = started_game("44").changes
    return restore(NewGame("A9F3QX", ALICE, 1, Visibility.PUBLIC, NOON, takebacks=False), log)


def play(game: LiveGame, column: int) -> None:
    move = PlayMove(column=column, ply=len(game.discs) + 1, version=game.version)
    perform(game, move, PLAYERS[game.turn or 0], at(60))


@pytest.mark.parametrize("seat", [1, 2])
def test_a_side_asks_whoever_is_to_move(seat: int) -> None:
    game = started_game("44")
    assert perform(game, OfferTakeback(), PLAYERS[seat]) == TakebackOffered(version=4, participant=seat)
    assert game.as_json_object().offers == Offers(takeback=seat)
    assert judge(game, OfferTakeback(), PLAYERS[seat], at(60)) == TakebackOffered(version=4, participant=seat)


@pytest.mark.parametrize(
    ("by", "notation", "left"),
    [(1, "4", ""), (2, "44", "4"), (1, "44", ""), (1, "445", "44"), (2, "445", "4"), (1, "4455", "44")],
)
def test_the_askers_last_disc_and_what_followed_it_are_taken_back(by: int, notation: str, left: str) -> None:
    game = asked_game(by, notation)
    event = perform(game, OfferTakeback(), PLAYERS[3 - by], at(40))
    shown = game.as_json_object()
    assert event == MovesTakenBack(version=len(notation) + 3, plies=len(notation) - len(left), game=shown)
    assert (shown.notation, shown.turn, shown.offers) == (left, by, Offers())
    assert (game.position.ply_count, len(game.played_at)) == (len(left), len(left))


def test_an_offer_ends_when_its_receiver_moves_declines_or_the_game_is_over() -> None:
    game = asked_game(1, "4")
    play(game, 0)
    assert game.takeback_offered_by is None
    for seat in (1, 2):
        game = asked_game(1, "4")
        assert perform(game, DeclineTakeback(), PLAYERS[seat]) == TakebackDeclined(version=4, participant=seat)
        assert refusal(game, DeclineTakeback(), PLAYERS[seat]) is ErrorCode.OFFER_UNAVAILABLE
    game = asked_game(1, "4")
    assert isinstance(perform(game, Resign(), BOB.player_id), GameFinished)
    assert game.as_json_object().offers == Offers()


def test_where_the_asker_moves_meanwhile_that_disc_is_taken_back() -> None:
    game = asked_game(1, "44")
    play(game, 0)
    event = perform(game, OfferTakeback(), BOB.player_id, at(40))
    assert isinstance(event, MovesTakenBack)
    assert (event.plies, game.notation) == (1, "44")


def test_an_offer_of_a_draw_is_gone_too() -> None:
    game = asked_game(1, "44")
    perform(game, OfferDraw(), BOB.player_id)
    perform(game, OfferTakeback(), BOB.player_id)
    assert game.as_json_object().offers == Offers()


def test_a_side_asks_once_in_four_plies_discs_taken_back_among_them() -> None:
    game = taken_back(1, "44")
    for column in (0, 1, 2):
        play(game, column)
        assert refusal(game, OfferTakeback(), ALICE.player_id) is ErrorCode.OFFER_UNAVAILABLE
    perform(game, OfferTakeback(), BOB.player_id)  # the other side's count is its own
    perform(game, OfferTakeback(), ALICE.player_id)
    assert len(game.discs) == 1
    play(game, 3)  # the fourth disc since Alice asked, though the second on the board
    assert isinstance(perform(game, OfferTakeback(), ALICE.player_id), TakebackOffered)


def test_takebacks_are_refused_by_name() -> None:
    assert refusal(started_game(), OfferTakeback(), ALICE.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    assert refusal(started_game(), OfferTakeback(), BOB.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    assert refusal(started_game("4"), OfferTakeback(), BOB.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    assert refusal(without_takebacks(), OfferTakeback(), ALICE.player_id) is ErrorCode.TAKEBACK_UNAVAILABLE
    for command in (OfferTakeback(), DeclineTakeback()):
        for nobody in (CHARLIE.player_id, None):
            assert refusal(started_game("4"), command, nobody) is ErrorCode.NOT_A_PARTICIPANT
        assert refusal(waiting_game(), command, ALICE.player_id) is ErrorCode.GAME_NOT_STARTED
        assert refusal(started_game(FLAT_WIN), command, ALICE.player_id) is ErrorCode.GAME_FINISHED


# --- moves after it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("versions", [{}, {"version": 3}, {"version": 4}])
def test_a_move_that_is_sent_again_never_plays_a_disc_that_was_taken_back(versions: dict[str, int]) -> None:
    game = taken_back(1, "4")
    assert game.version == 4
    move = PlayMove(column=3, ply=1, **versions)
    if versions != {"version": 4}:
        assert refusal(game, move, ALICE.player_id) is ErrorCode.WRONG_PLY
        assert refusal(game, PlayMove(column=3, ply=1), BOB.player_id) is ErrorCode.WRONG_PLY  # before whose turn it is
    else:
        assert isinstance(perform(game, move, ALICE.player_id), MovePlayed)


def test_a_ply_that_is_recorded_anew_is_answered_also_without_a_version() -> None:
    game = taken_back(1, "4")
    play(game, 3)
    answer = judge(game, PlayMove(column=3, ply=1), ALICE.player_id, at(60))
    assert isinstance(answer, MovePlayed)
    assert (answer.version, answer.ply) == (5, 1)
    assert refusal(game, PlayMove(column=4, ply=1), ALICE.player_id) is ErrorCode.WRONG_PLY


def test_a_version_may_be_ahead_of_what_is_known_here() -> None:
    game = started_game("44")
    assert [is_ahead(game, PlayMove(column=0, ply=3, version=version)) for version in (-1, 3, 4)] == [
        False,
        False,
        True,
    ]
    assert not is_ahead(game, PlayMove(column=0, ply=3))
    assert not is_ahead(game, Resign())


def test_both_have_moved_though_their_discs_were_taken_back() -> None:
    game = taken_back(1, "44")
    assert game.notation == ""
    assert refusal(game, AbortGame(), ALICE.player_id) is ErrorCode.TOO_LATE


# --- what is stored ---------------------------------------------------------------------------------------------


def test_missed_events_are_told_as_they_were() -> None:
    game = taken_back(1, "44")
    play(game, 6)
    events = events_since(game, 0)
    assert [getattr(event, "version", None) for event in events] == [1, 2, 3, 4, 5, 6]
    assert isinstance(events[4], MovesTakenBack)
    assert (events[4].plies, events[4].game.notation, events[4].game.version) == (2, "", 5)
    assert isinstance(events[5], MovePlayed)
    assert events[5].ply == 1


@pytest.mark.parametrize("plies", [0, -1, 3])
def test_discs_that_are_not_there_make_no_game(plies: int) -> None:
    game = taken_back(1, "44")
    log = [*game.changes[:4], msgspec.structs.replace(game.changes[4], plies=plies)]
    with pytest.raises(ValueError, match="taken back"):
        restore(NewGame(game.id, ALICE, 1, Visibility.PUBLIC, NOON), log)
