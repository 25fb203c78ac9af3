"""Rematches as series in the store: written with the game, read with it, and all its games found."""

from games.models import Game, Player
from games.protocol.commands import OfferRematch, Resign
from games.storage import loading
from tests.support.houses import House
from tests.support.stored_games import store_game


def test_each_rematch_has_its_place_and_the_score(houses: list[House], alice: Player, bob: Player) -> None:
    first = game = store_game(alice, bob, "44")
    scores = []
    for _ in range(3):
        assert houses[0].begin(game, bob.pk, Resign()).result(10) == "done"
        for player in (alice, bob):
            assert houses[0].begin(game, player.pk, OfferRematch()).result(10) == "done"
        game = Game.objects.get(rematch_of=game)
        live = loading.load(game.pk)
        assert live is not None
        scores.append(live.as_json_object().series)
    assert [(each.id, each.number, each.score) for each in scores] == [
        (first.pk, 2, (0, 1)), (first.pk, 3, (2, 0)), (first.pk, 4, (0, 3)),
    ]  # fmt: skip
    numbers = list(Game.objects.of_series(first.pk).order_by("series_number").values_list("series_number", flat=True))
    assert numbers == [1, 2, 3, 4]
