"""Games of the ballot in the store: started, played, taken back, counted, read again, followed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from games.game.commands import Join
from games.game.new_game import Terms
from games.models import Change, Game, Player
from games.protocol import PlayMove
from games.protocol.commands import OfferRematch, OfferTakeback, Resign
from games.records.verification import faults_of
from games.rules.openings import Opening, is_of_ballot
from games.storage import loading
from games.storage.plies import on_board
from tests.support.houses import House, participant
from tests.support.stored_games import LONG_AGO


@pytest.fixture
def game(houses: list[House], alice: Player, bob: Player) -> Game:
    """A game that has begun; its own moves go into a column that has room in every opening."""
    terms = Terms(opening=Opening.BALLOT)
    made = houses[0].ask(lambda registry: registry.create(participant(alice), terms)).result(10)
    waiting = Game.objects.get(pk=made.id)
    assert (waiting.opening, waiting.columns) == ("ballot", [])
    assert houses[1].begin(waiting, bob.pk, Join(participant(bob))).result(10) == "done"
    return waiting


def test_a_game_is_played_from_its_opening(houses: list[House], game: Game, alice: Player, bob: Player) -> None:
    opening = Game.objects.get(pk=game.pk).columns
    assert is_of_ballot("".join(str(column + 1) for column in opening))
    column = next(column for column in range(7) if opening.count(column) < 2)
    for ply, player in ((5, alice), (6, bob)):
        assert houses[ply % 2].begin(game, player.pk, PlayMove(column=column, ply=ply)).result(10) == "done"
    for player in (bob, alice):
        assert houses[0].begin(game, player.pk, OfferTakeback()).result(10) == "done"
    stored, live = Game.objects.get(pk=game.pk), loading.load(game.pk)
    assert live is not None
    assert (live.columns, stored.columns) == ([*opening, column], [*opening, column])
    assert live.as_json_object().opening_plies == 4
    assert Game.objects.annotate(plies=on_board()).get(pk=game.pk).plies == 5
    assert houses[1].view(game).columns == live.columns


def test_a_rematch_has_the_same_one(houses: list[House], game: Game, alice: Player, bob: Player) -> None:
    assert houses[0].begin(game, bob.pk, Resign()).result(10) == "done"
    for player in (alice, bob):
        assert houses[0].begin(game, player.pk, OfferRematch()).result(10) == "done"
    rematch = Game.objects.get(rematch_of=game)
    assert (rematch.opening, rematch.columns) == ("ballot", Game.objects.get(pk=game.pk).columns)


def test_a_deserted_game_of_the_ballot_is_ended(game: Game) -> None:
    Change.objects.filter(game=game).update(at=LONG_AGO)
    Game.objects.filter(pk=game.pk).update(start_time=LONG_AGO, create_time=LONG_AGO - timedelta(seconds=9))
    call_command("end_deserted_games", stdout=StringIO())
    game.refresh_from_db()
    assert (game.state, game.reason) == ("finished", "abandonment")


@pytest.mark.parametrize(
    ("body", "fault"), [('{"opening":"4444"}', "not of the ballot"), ("", "not the one that was agreed on")]
)
def test_an_opening_that_somebody_wrote_is_found(game: Game, body: str, fault: str) -> None:
    stored = Change.objects.get(game=game, kind="join")
    was, stored.body = stored.body, body
    stored.save()
    assert fault in "".join(faults_of(Game.objects.get(pk=game.pk), stored.at))
    stored.body = was
    stored.save()
