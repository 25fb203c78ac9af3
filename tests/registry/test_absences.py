"""Who has left, in the store: claims in other processes, and after a restart of all."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from games.models import Absence, Game, Player
from games.protocol.commands import Claim
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game

CLAIM = Claim(result="draw")


@pytest.fixture
def game(houses: list[House], alice: Player, bob: Player) -> Game:
    return store_game(alice, bob, "44")


@pytest.fixture
def later() -> Iterator[House]:
    """A process that begins when the others have ended."""
    house = House()
    yield house
    house.close()


def act(house: House, *steps: str, game: Game) -> Any:
    """Do things on the house's loop: ``join 1``, ``leave 2``, ``pass SECONDS``, ``look``, ``take_in``, ``claim``."""

    async def run(_: object) -> Any:
        runtime, result = Runtime.here(), None
        attendance = runtime.attendance
        for step in steps:
            what, _, number = step.partition(" ")
            if what == "join":
                attendance.join(game.pk, int(number))
            elif what == "leave":
                attendance.leave(game.pk, int(number))
            elif what == "pass":
                attendance._games[game.pk].note_seats(runtime.registry.pace.now() - float(number))
            elif what == "claim":
                result = attendance.of(game.pk).claim
            else:
                await getattr(runtime.absences, what)()
        return result

    return house.ask(run).result(10)


def test_a_claim_in_a_process_to_which_nobody_is_connected(
    houses: list[House], game: Game, alice: Player, bob: Player
) -> None:
    houses[0].listen(game)
    act(houses[0], "join 1", "join 2", "pass 0", "leave 2", "pass 86400", "look", game=game)
    [absence] = Absence.objects.all()
    assert (absence.game_id, absence.seat) == (game.pk, 2)
    assert houses[1].begin(game, alice.pk, CLAIM).result(10) == "nothing_to_claim"  # written since a few seconds
    Absence.objects.update(since=timezone.now() - timedelta(days=1, seconds=9))
    assert houses[1].begin(game, bob.pk, CLAIM).result(10) == "nothing_to_claim"
    assert houses[1].begin(game, alice.pk, CLAIM).result(10) == "done"
    game.refresh_from_db()
    assert (game.reason, game.winner) == ("abandonment", None)


def test_an_absence_outlives_the_processes_that_saw_it(game: Game, later: House, alice: Player) -> None:
    Absence.objects.create(game=game, seat=2, since=timezone.now() - timedelta(days=1, seconds=9))
    later.listen(game)
    act(later, "join 1", "pass 0", "take_in", game=game)
    claim = act(later, "claim", game=game)
    assert claim.participant == 1
    assert claim.from_ < timezone.now().isoformat()
    assert later.begin(game, alice.pk, CLAIM).result(10) == "done"


def test_whoever_comes_back_is_missed_no_more(houses: list[House], game: Game, later: House, alice: Player) -> None:
    houses[0].listen(game)
    act(houses[0], "join 1", "pass 20", "look", game=game)
    assert Absence.objects.count() == 1
    later.listen(game)  # where nobody wrote it
    act(later, "join 2", "take_in", game=game)
    assert Absence.objects.count() == 0
    act(houses[0], "pass 20", "look", game=game)
    assert Absence.objects.count() == 0  # not again, as long as it is the same absence
    act(houses[0], "join 2", "pass 0", "look", "leave 2", "pass 20", "look", game=game)
    assert Absence.objects.count() == 1
    act(houses[0], "join 2", "look", game=game)
    assert Absence.objects.count() == 0


def test_most_are_back_before_anything_is_written(houses: list[House], game: Game) -> None:
    houses[0].listen(game)
    act(houses[0], "join 1", "pass 5", "look", game=game)
    assert Absence.objects.count() == 0
