"""Two processes at the same instant, on one database: always one winner, and both tell the same story."""

from collections.abc import Callable

import pytest

from games.game.commands import Cancel, Command, Join
from games.models import Game, Move, Player
from games.protocol import OfferRematch, PlayMove, Resign
from games.protocol.commands import AbortGame, OfferDraw, OfferTakeback
from tests.support.houses import House, participant
from tests.support.stored_games import ALICE_WINS, LONG_AGO, append, store_finished, store_game

pytestmark = pytest.mark.alone("a command that waits for 2 s is answered by try_again, and then there is no race")

ROUNDS = 12
Ask = tuple[int | None, Command]


def race(
    houses: list[House], new_game: Callable[[], Game], *asks: Ask, live: bool = True
) -> list[tuple[Game, list[str]]]:
    """Ask two things at the same instant of a dozen games, each in its house; what each game's askers heard."""
    games = [new_game() for _ in range(ROUNDS)]
    if live:
        for house in houses:
            for game in games:
                house.listen(game)
    begun = []
    for number, game in enumerate(games):
        order = (0, 1) if number % 2 else (1, 0)
        futures = {i: houses[i].begin(game, *asks[i]) for i in order}
        begun.append([futures[0], futures[1]])
    heard = [[future.result(20) for future in futures] for futures in begun]
    for game in games:
        views = [house.view(game) for house in houses]
        assert views[0].as_json_object() == views[1].as_json_object()
        assert views[0].rematch == views[1].rematch
    return list(zip(games, heard, strict=True))


def columns(game: Game) -> list[int]:
    return list(Move.objects.filter(game=game).values_list("column", flat=True))


def test_two_moves(houses: list[House], alice: Player, bob: Player) -> None:
    asks = [(alice.pk, PlayMove(column=column, ply=1)) for column in (0, 6)]
    for game, heard in race(houses, lambda: store_game(alice, bob), *asks):
        assert sorted(heard) == ["done", "wrong_ply"]
        assert columns(game) == [0 if heard[0] == "done" else 6]


def test_the_same_move_twice_is_stored_once_and_acknowledged_twice(
    houses: list[House], alice: Player, bob: Player
) -> None:
    asks = [(alice.pk, PlayMove(column=3, ply=1))] * 2
    for game, heard in race(houses, lambda: store_game(alice, bob), *asks):
        assert heard == ["done", "done"]
        assert columns(game) == [3]


def test_a_move_and_a_resignation(houses: list[House], alice: Player, bob: Player) -> None:
    asks = [(alice.pk, PlayMove(column=3, ply=1)), (bob.pk, Resign())]
    for game, heard in race(houses, lambda: store_game(alice, bob), *asks):
        game.refresh_from_db()
        assert (game.state, game.winner, game.reason) == ("finished", 1, "resignation")
        assert heard[1] == "done"
        assert (heard[0], columns(game)) in [("done", [3]), ("game_finished", [])]


def test_a_winning_move_and_a_resignation(houses: list[House], alice: Player, bob: Player) -> None:
    asks = [(alice.pk, PlayMove(column=0, ply=7)), (bob.pk, Resign())]
    for game, heard in race(houses, lambda: store_game(alice, bob, ALICE_WINS[:-1]), *asks):
        game.refresh_from_db()
        assert sorted(heard) == ["done", "game_finished"]
        assert game.winner == 1
        assert game.reason == ("four_in_a_row" if heard[0] == "done" else "resignation")


def test_two_joins(houses: list[House], alice: Player, bob: Player, charlie: Player) -> None:
    asks = [(someone.pk, Join(participant(someone))) for someone in (bob, charlie)]
    for game, heard in race(houses, lambda: store_game(alice, None), *asks):
        game.refresh_from_db()
        assert sorted(heard) == ["done", "game_full"]
        assert game.participant2 == (bob if heard[0] == "done" else charlie)


def test_a_join_and_a_cancel(houses: list[House], alice: Player, bob: Player) -> None:
    asks = [(bob.pk, Join(participant(bob))), (alice.pk, Cancel())]
    for game, heard in race(houses, lambda: store_game(alice, None), *asks):
        game.refresh_from_db()
        assert heard in (["done", "game_already_started"], ["game_finished", "done"])
        assert game.state == ("in-progress" if heard[0] == "done" else "finished")


def test_two_acceptances_of_a_rematch(houses: list[House], alice: Player, bob: Player) -> None:
    def won_game() -> Game:
        return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1, rematch_offered_by=1)

    for game, heard in race(houses, won_game, (bob.pk, OfferRematch()), (bob.pk, OfferRematch())):
        assert heard == ["done", "done"]
        assert Game.objects.filter(rematch_of=game).count() == 1


def test_two_offers_of_a_rematch_are_an_agreement(houses: list[House], alice: Player, bob: Player) -> None:
    def won_game() -> Game:
        return store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)

    for game, heard in race(houses, won_game, (alice.pk, OfferRematch()), (bob.pk, OfferRematch())):
        assert heard == ["done", "done"]
        new = Game.objects.get(rematch_of=game)
        assert (new.participant1, new.participant2, new.state) == (bob, alice, "in-progress")


def test_games_that_nobody_keeps_live_race_as_well(houses: list[House], alice: Player, bob: Player) -> None:
    asks = [(alice.pk, PlayMove(column=column, ply=1)) for column in (0, 6)]
    for game, heard in race(houses, lambda: store_game(alice, bob), *asks, live=False):
        assert sorted(heard) == ["done", "wrong_ply"]
        assert columns(game) == [0 if heard[0] == "done" else 6]


def test_two_offers_of_a_draw_are_an_agreement(houses: list[House], alice: Player, bob: Player) -> None:
    for game, heard in race(houses, lambda: store_game(alice, bob), (alice.pk, OfferDraw()), (bob.pk, OfferDraw())):
        game.refresh_from_db()
        assert heard == ["done", "done"]
        assert (game.state, game.reason, game.winner) == ("finished", "agreement", None)


def test_an_offered_draw_and_a_resignation(houses: list[House], alice: Player, bob: Player) -> None:
    for game, heard in race(houses, lambda: store_game(alice, bob), (alice.pk, OfferDraw()), (bob.pk, Resign())):
        game.refresh_from_db()
        assert (game.reason, game.winner, heard[1]) == ("resignation", 1, "done")
        assert heard[0] in ("done", "game_finished")


def test_an_abort_and_the_move_after_which_it_is_too_late(houses: list[House], alice: Player, bob: Player) -> None:
    asks: list[Ask] = [(alice.pk, AbortGame()), (bob.pk, PlayMove(column=0, ply=2))]
    for game, heard in race(houses, lambda: store_game(alice, bob, "4"), *asks):
        game.refresh_from_db()
        assert heard in (["done", "game_finished"], ["too_late", "done"])
        assert (game.reason, len(columns(game))) == (("aborted", 1) if heard[0] == "done" else ("", 2))


def test_an_agreed_takeback_and_the_askers_move(houses: list[House], alice: Player, bob: Player) -> None:
    """Whichever is first: the disc that Alice asked for is gone, or the one that she has just dropped."""

    def asked() -> Game:
        game = store_game(alice, bob, "44")
        append(game, "takeback_offer", LONG_AGO, seat=1)
        return game

    move = PlayMove(column=0, ply=3, version=4)
    for game, heard in race(houses, asked, (bob.pk, OfferTakeback()), (alice.pk, move)):
        live = houses[0].view(game)
        assert heard in (["done", "done"], ["done", "wrong_ply"])
        assert live.columns == ([3, 3] if heard[1] == "done" else [])
        assert (live.version, live.takeback_offered_by) == (6 if heard[1] == "done" else 5, None)


def test_a_move_made_after_a_takeback_is_judged_where_that_was_not_heard_of(
    houses: list[House], alice: Player, bob: Player
) -> None:
    """The same disc in the same column once more: to a process that is behind it looks recorded."""
    game = store_game(alice, bob, "4")
    append(game, "takeback_offer", LONG_AGO, seat=1)
    for house in houses:
        house.listen(game)
    assert houses[0].begin(game, bob.pk, OfferTakeback()).result(10) == "done"
    again = PlayMove(column=3, ply=1, version=4)
    known, answer = houses[1].ask(lambda registry: registry.run(game.pk, alice.pk, again)).result(10)
    assert (answer, known.version, known.columns) == (None, 5, [3])
