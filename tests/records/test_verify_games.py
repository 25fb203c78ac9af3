"""`manage.py verify_games` passes what holds, and looks at many games in few queries."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from games.models import Game, Player
from games.protocol import Reason
from games.records.verification import _WINNERS, check_all
from tests.support.stored_games import (
    ALICE_WINS,
    FULL_BOARD,
    LONG_AGO,
    append,
    store_finished,
    store_game,
    store_timed_game,
    take_back,
)
from tests.support.verifying import verify

# --- what holds -------------------------------------------------------------------------------------------------


def test_an_empty_store_holds(db: None) -> None:
    assert verify() == ("0 games checked, none faulty.\n", 0)


def test_games_in_every_state_hold(alice: Player, bob: Player) -> None:
    store_game(alice, None)
    store_game(alice, bob)
    store_game(alice, bob, "4435", first_move=2)
    store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 2, first_move=2)
    store_finished(alice, bob, FULL_BOARD, "board_full", None)
    store_finished(alice, bob, "44", "resignation", 2)
    store_finished(alice, bob, "44", "abandonment", None, end_time=LONG_AGO + timedelta(days=8))
    store_finished(alice, bob, "", "adjudication", 1, note="No-show.")
    store_finished(alice, None, "", "aborted", None)
    assert verify() == ("9 games checked, none faulty.\n", 0)


def test_a_rematch_with_swapped_seats_holds(won: Game) -> None:
    after = won.end_time + timedelta(seconds=3)
    store_game(won.participant2, won.participant1, "4", create_time=after, start_time=after, rematch_of=won)
    assert verify()[1] == 0


def test_clocks_of_two_processes_may_differ_a_little(won: Game) -> None:
    move = won.changes.get(number=4)
    move.at = won.changes.get(number=5).at + timedelta(milliseconds=900)
    move.save()
    assert verify()[1] == 0


def test_every_reason_has_its_possible_winners() -> None:
    assert set(_WINNERS) == set(Reason)


# --- the command ------------------------------------------------------------------------------------------------


def test_json_is_one_object_a_line(won: Game, alice: Player, bob: Player) -> None:
    broken = store_game(alice, bob, ALICE_WINS)
    output, status = verify("--json")
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines == [
        {"game": broken.pk, "faults": ["the moves end the game, but it is not finished"]},
        {"checked": 2, "faulty": 1},
    ]
    assert status == 1


def test_queries_do_not_grow_with_the_games(
    alice: Player, bob: Player, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    with django_assert_num_queries(2):
        assert sum(not report.faults for report in check_all(LONG_AGO + timedelta(days=1))) == 30


def test_chunks_hold_few_games_at_once(
    alice: Player, bob: Player, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        store_game(alice, bob, "44")
    # One query for the games, and one for the moves of each chunk.
    with django_assert_num_queries(1 + 5):
        assert len(list(check_all(LONG_AGO + timedelta(days=1), chunk_size=2))) == 10


def test_a_game_that_moves_on_while_it_is_read_is_not_suspected(won: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the game's row and its moves a winning move was stored: fresh rows agree again."""
    from games.records import verification

    judged = verification.faults_of
    seen: list[str] = []

    def first_look_is_stale(game: Game, now: object) -> list[str]:
        seen.append(game.pk)
        return ["stale"] if len(seen) == 1 else judged(game, now)  # type: ignore[arg-type]  # the real one's now

    monkeypatch.setattr(verification, "faults_of", first_look_is_stale)
    assert verify()[1] == 0
    assert seen == [won.pk, won.pk]


# --- moves taken back -------------------------------------------------------------------------------------------


def test_a_game_with_discs_taken_back_holds(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "445")
    take_back(game, 2, LONG_AGO + timedelta(minutes=1))
    append(game, "move", LONG_AGO + timedelta(minutes=2), column=0, seat=2)
    assert verify() == ("1 game checked, none faulty.\n", 0)


def test_discs_taken_back_that_were_not_there_or_where_that_is_off_are_found(alice: Player, bob: Player) -> None:
    too_many = store_game(alice, bob, "44")
    take_back(too_many, 3)
    off = store_game(alice, bob, "44", takebacks=False)
    take_back(off, 1)
    found = {report.game_id: report.faults for report in check_all(timezone.now())}
    assert found[too_many.pk] == ["discs are taken back that are not there"]
    assert "moves were taken back in a game without takebacks" in found[off.pk]


# --- clocks -----------------------------------------------------------------------------------------------------


def test_clocks_are_computed_again(alice: Player, bob: Player) -> None:
    holds = store_timed_game(alice, bob, [56_200, 60_000])
    wrong = store_timed_game(alice, bob, [60_000, 60_000])
    found = {report.game_id: report.faults for report in check_all(timezone.now())}
    assert found[holds.pk] == []
    assert found[wrong.pk] == ["ply 3 left (60000, 60000) ms by its row, but (56200, 60000) by its charges"]


def test_a_time_out_is_the_other_sides_win_in_a_store_timed_game(alice: Player, bob: Player) -> None:
    end_time = LONG_AGO + timedelta(minutes=2)
    over = {"state": "finished", "reason": "timeout", "end_time": end_time}
    games = [store_timed_game(alice, bob, [56_200, 60_000]) for _ in range(2)]
    for game, winner in zip(games, (1, 2), strict=True):
        append(game, "end", end_time, body=json.dumps({"winner": winner, "reason": "timeout"}))
        Game.objects.filter(pk=game.pk).update(winner=winner, **over)
    games.append(store_game(alice, bob, "44", winner=2, **over))
    fault = "the game ended on time, but not for the side to move of a timed game"
    found = {report.game_id: report.faults for report in check_all(timezone.now())}
    assert [found[game.pk] for game in games] == [[], [fault], [fault]]
