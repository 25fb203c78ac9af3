"""A game and its rematches: their order, and their score from the seats of each game."""

from games import protocol
from games.game.changes import RematchStart
from games.game.judging import judge
from games.game.live import LiveGame
from games.game.restoring import begin, events_since
from games.protocol import OfferRematch, Outcome, Reason, Resign
from games.protocol.commands import AbortGame, OfferDraw
from games.protocol.objects import SeriesObject
from tests.support.live_games import ALICE, BOB, at, perform, started_game, take_in, waiting_game


def rematch(game: LiveGame) -> LiveGame:
    """The game that follows a finished one, in which seats are swapped."""
    perform(game, OfferRematch(), ALICE.player_id, at(60))
    change = judge(game, OfferRematch(), BOB.player_id, at(60))
    assert isinstance(change, RematchStart)
    take_in(game, change)
    return begin(change.new_game)


def series(game: LiveGame) -> SeriesObject:
    return game.as_json_object().series


def test_a_game_is_the_first_of_its_series() -> None:
    assert series(waiting_game()) == series(started_game("4")) == SeriesObject("A9F3QX", 1, (0, 0))


def test_a_rematch_continues_it_and_the_score_follows_the_people() -> None:
    game = started_game("4")
    perform(game, Resign(), BOB.player_id)  # Alice, participant 1, wins
    assert series(game) == SeriesObject("A9F3QX", 1, (1, 0))
    second = rematch(game)
    assert second.participant1 == BOB
    assert series(second) == SeriesObject("A9F3QX", 2, (0, 1))
    perform(second, OfferDraw(), ALICE.player_id)
    perform(second, OfferDraw(), BOB.player_id)
    assert series(second) == SeriesObject("A9F3QX", 2, (0.5, 1.5))
    third = rematch(second)
    assert series(third) == SeriesObject("A9F3QX", 3, (1.5, 0.5))
    perform(third, AbortGame(), BOB.player_id)
    assert series(third) == SeriesObject("A9F3QX", 3, (1.5, 0.5))  # aborted: nothing
    assert series(rematch(third)) == SeriesObject("A9F3QX", 4, (0.5, 1.5))


def test_a_game_without_a_winner_is_half_a_point_for_both() -> None:
    game = started_game("4")
    game.finish(Outcome(None, Reason.ABANDONMENT), at(60))
    assert series(game).score == (0.5, 0.5)


def test_events_of_the_past_know_the_series() -> None:
    game = started_game("4")
    perform(game, Resign(), BOB.player_id)
    second = rematch(game)
    [started] = events_since(second, 0)
    assert isinstance(started, protocol.GameStarted)
    assert started.game.series == SeriesObject("A9F3QX", 2, (0, 1))
