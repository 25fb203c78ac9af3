"""How many discs lie on the board, counted by the store as a live game counts them."""

from django.db.models import OuterRef

from games.models import Game, Move, Player
from games.storage import loading
from games.storage.plies import on_board
from tests.support.stored_games import LONG_AGO, append, store_game, take_back


def counted(game: Game) -> int:
    plies: int = Game.objects.annotate(plies=on_board()).values_list("plies", flat=True).get(pk=game.pk)
    return plies


def test_discs_that_were_taken_back_do_not_count(alice: Player, bob: Player) -> None:
    quiet, game = store_game(alice, None), store_game(alice, bob, "4455")
    take_back(game, 2)
    append(game, "move", LONG_AGO, column=0, seat=1)
    append(game, "move", LONG_AGO, column=1, seat=2)
    take_back(game, 1, seat=1)
    live = loading.load(game.pk)
    assert live is not None
    assert counted(game) == len(live.discs) == 3
    assert Game.objects.get(pk=game.pk).columns == live.columns == [3, 3, 0]
    assert counted(quiet) == 0


def test_a_disc_has_the_ply_that_it_had_when_it_was_dropped(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "445")
    take_back(game, 2)
    append(game, "move", LONG_AGO, column=6, seat=2)
    moves = Move.objects.filter(game=game).annotate(before=on_board("game", number__lt=OuterRef("number")))
    found = moves.order_by("number").values_list("column", "before")
    assert list(found) == [(3, 0), (3, 1), (4, 2), (6, 1)]
