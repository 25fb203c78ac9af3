"""IDs grow longer as games grow many; all lengths are read everywhere; a new ID that is taken is drawn again."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from games.game import offers
from games.game.commands import Join
from games.models import Game, Move, Player
from games.protocol import OfferRematch, PlayMove, Visibility
from games.registry import registry as registry_module
from games.rules import ids
from games.runtime import Runtime
from games.storage.sizes import games_stored
from tests.support.houses import House, participant
from tests.support.stored_games import store_finished, store_game


@pytest.fixture(autouse=True)
def _short_again() -> Iterator[None]:
    yield
    ids.use_length(ids.LENGTH)


def seem_to_be(number: int, store: str) -> None:
    """Let the database believe that it holds so many games. It has at least one."""
    with connection.cursor() as cursor:
        if store == "sqlite":
            cursor.execute(
                "UPDATE games_game SET rowid = %s WHERE rowid = (SELECT MAX(rowid) FROM games_game)", [number]
            )
        else:
            cursor.execute("ANALYZE games_game")
            cursor.execute("UPDATE pg_class SET reltuples = %s WHERE oid = 'games_game'::regclass", [number])


def made_by(house: House, someone: Player) -> str:
    """The ID of a new game."""
    return str(house.ask(lambda here: here.create(participant(someone))).result(10).id)


@pytest.mark.parametrize(("number", "length"), [(10_000_000, 6), (11_000_000, 7), (400_000_000, 8)])
def test_new_games_get_longer_ids_where_games_are_many(
    houses: list[House], store: str, alice: Player, bob: Player, number: int, length: int
) -> None:
    store_game(alice, bob)
    seem_to_be(number, store)
    assert games_stored() == pytest.approx(number, rel=0.01)
    made_by(houses[0], alice)  # while it is made the games are looked at
    houses[0].ask(lambda _: Runtime.here().reader.ask(games_stored)).result(10)
    assert len(made_by(houses[0], alice)) == length


def test_a_database_without_statistics_is_not_taken_for_a_large_one(store: str, alice: Player, bob: Player) -> None:
    assert games_stored() == 0
    store_game(alice, bob)
    assert 1 <= games_stored() < 1000


def test_the_number_is_looked_at_once_an_hour(
    houses: list[House], alice: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr("games.storage.sizes.games_stored", lambda: looks.append(1) or 0)
    for _ in range(3):
        made_by(houses[0], alice)
    assert len(looks) <= 1


def test_a_taken_id_is_drawn_again(
    houses: list[House], alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = store_game(alice, bob)
    draws = iter([taken.pk, taken.pk, "FREE22"])
    monkeypatch.setattr(registry_module, "new_game_id", lambda: next(draws))
    assert made_by(houses[0], alice) == "FREE22"


def test_a_rematch_whose_id_is_taken_gets_another(
    houses: list[House], alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = store_finished(alice, bob, "12", "resignation", 1)
    draws = iter([game.pk, game.pk, "FREE23"])
    monkeypatch.setattr(offers, "new_game_id", lambda: next(draws))
    for someone in (alice, bob):
        assert houses[0].begin(game, someone.pk, OfferRematch()).result(10) == "done"
    assert Game.objects.get(rematch_of=game).pk == "FREE23"


@pytest.mark.parametrize("game_id", ["A9F3QXK", "A9F3QXK7"])
def test_a_long_id_is_an_id_everywhere(
    houses: list[House], store: str, alice: Player, bob: Player, client: Client, game_id: str
) -> None:
    game = store_game(alice, None, id=game_id, visibility=Visibility.PUBLIC)
    assert houses[0].begin(game, bob.pk, Join(participant(bob))).result(10) == "done"
    assert houses[0].begin(game, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    assert Move.objects.get(game=game_id).column == 3
    if store != "sqlite":
        return  # pages read through threads whose connections are the test database's
    spelled = f"{game_id[:4].lower()}-{game_id[4:].lower()}"
    assert client.get(f"/games/{game_id}/").status_code == 200
    assert client.get(f"/games/{spelled}/")["Location"] == f"/games/{game_id}/"
    assert client.get("/games/find/", {"id": spelled})["Location"] == f"/games/{game_id}/"
    assert client.get("/", {"join": spelled})["Location"] == f"/join/{game_id}/"
    assert client.get(f"/api/games/{spelled}/").json()["id"] == game_id
    assert client.get(f"/games/{game_id}/export/", {"format": "text"}).status_code == 200


def test_shorter_and_longer_ones_are_none() -> None:
    assert [ids.normalise(text) for text in ("A9F3Q", "A9F3QXK7B", "")] == [None, None, None]
