"""Reviews in the admin: scores beside the moves of a game, and a person's share of best moves; for moderators."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from games.admin.truth import BestMoves, best_moves_of
from games.computer.models import Review
from games.computer.review import decode
from games.computer.shares import Share
from games.models import Game, Player
from games.rules.board import Position
from lobby.models import User
from tests.support.puzzling_games import PUZZLING, store_reviewed
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)

Texts = Callable[[Any], str]


def page(client: Client, game: Game) -> Any:
    return client.get(f"/admin/games/game/{game.pk}/change/")


def player_page(client: Client, player: Player) -> Any:
    return client.get(f"/admin/games/player/{player.pk}/change/")


# --- scores beside the moves --------------------------------------------------------------------------------------


def test_scores_stand_beside_the_moves(moderator: Client, alice: Player, bob: Player, texts: Texts) -> None:
    game = store_reviewed(alice, bob, ALICE_WINS)
    answer = page(moderator, game)
    rows = [(move["verdict"], move["score"], move["best"]) for move in answer.context["moves"]]
    assert rows[0] == ("blunder", "-2", "4: +1")
    assert rows[-1] == ("best", "+18", "1: +18")
    assert len(rows) == 7
    assert "<td>blunder</td><td>-2</td><td>4: +1</td>" in texts(answer)


def test_without_a_review_there_are_no_such_columns(
    moderator: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    finished = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    broken = store_reviewed(alice, bob, ALICE_WINS)
    Review.objects.filter(pk=broken.pk).update(scores=b"\x01\x00")
    for game in (finished, broken, store_game(alice, bob, "44")):
        answer = page(moderator, game)
        assert answer.status_code == 200
        assert "Verdict" not in texts(answer)


def test_scores_are_for_moderators_who_do_not_play(
    moderator: Client, viewer: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    game = store_reviewed(alice, bob, ALICE_WINS)
    assert "Verdict" not in texts(page(viewer, game))
    assert "Verdict" in texts(page(moderator, game))
    playing = store_game(User.objects.get(username="moderator").player, bob, "4", initial=60, increment=0)
    assert "Verdict" not in texts(page(moderator, game))
    Game.objects.filter(pk=playing.pk).update(initial=None, increment=None)
    assert "Verdict" in texts(page(moderator, game))


# --- how well a person plays --------------------------------------------------------------------------------------


def _counted(game: Game, is_first: bool) -> Share:
    """By playing each column and each answer to it."""
    plies = best = 0
    review = decode(bytes(game.review.scores or b""), game.columns)
    for ply in review.plies:
        position = Position.from_columns(game.columns[: ply.ply - 1])
        lasting = 0
        for column in position.legal_columns:
            after = position.play(column)
            lasting += after.is_won or not any(after.play(answer).is_won for answer in after.legal_columns)
        if lasting >= 3 and (ply.ply % 2 == 1) == is_first:
            plies += 1
            best += ply.column in ply.best
    return Share(plies, best)


def test_best_moves_are_counted_where_three_columns_do_not_lose_at_once(alice: Player, bob: Player) -> None:
    games = [store_reviewed(alice, bob, PUZZLING[0]), store_reviewed(bob, alice, PUZZLING[1], first_move=2)]
    found = best_moves_of(alice)
    assert found == BestMoves(2, _counted(games[0], True) + _counted(games[1], True))
    assert best_moves_of(bob) == BestMoves(2, _counted(games[0], False) + _counted(games[1], False))
    assert 0 < found.share.best < found.share.plies


def test_the_share_is_on_the_page_of_a_player(moderator: Client, alice: Player, bob: Player, texts: Texts) -> None:
    store_reviewed(alice, bob, PUZZLING[0])
    share = best_moves_of(alice).share
    expected = f"{share.percent:.0f}%: {share.best} of {share.plies} in the newest 1 reviewed games"
    assert expected in texts(player_page(moderator, alice))


def test_without_reviewed_games_the_page_says_so(moderator: Client, alice: Player, texts: Texts) -> None:
    assert "No reviewed game with such a position yet." in texts(player_page(moderator, alice))


def test_only_moderators_see_the_share(viewer: Client, alice: Player, bob: Player, texts: Texts) -> None:
    store_reviewed(alice, bob, PUZZLING[0])
    answer = player_page(viewer, alice)
    assert answer.status_code == 200
    assert "best moves" not in texts(answer).lower()


def test_a_review_that_does_not_hold_counts_nothing(alice: Player, bob: Player) -> None:
    broken = store_reviewed(alice, bob, PUZZLING[0])
    Review.objects.filter(pk=broken.pk).update(scores=b"\x01\x00")
    assert best_moves_of(alice).share == Share()


def test_queries_do_not_grow_with_the_games(
    alice: Player, bob: Player, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(3):
        store_reviewed(alice, bob, ALICE_WINS)
    with django_assert_num_queries(2):
        best_moves_of(alice)
