"""Reviews and positions over the API: whom they are for, and what they say."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from games.computer.models import Review
from games.computer.review import encode
from games.computer.reviews import queue
from games.computer.solver.engine import Engine
from games.models import Game, Player
from tests.support.callers import Caller, refusal
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, store_finished, store_game

BLITZ = {"initial": 60, "increment": 0}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def game(alice: Caller, bob: Caller) -> Game:
    """Finished; Bob, participant 2, moved first."""
    return store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 2, first_move=2)


@pytest.fixture
def reviewed(game: Game, engine: Engine) -> Game:
    queue.queue([game.pk], timezone.now())
    queue.finish(game.pk, encode(0, engine.score_game(game.columns)), timezone.now())
    return game


def review(game: Game) -> str:
    return f"/api/games/{game.pk}/review/"


def position(game: Game, moves: str) -> str:
    return f"/api/games/{game.pk}/review/position/?moves={moves}"


def test_a_review_is_as_the_contract_writes_it(reviewed: Game, nobody: Caller) -> None:
    answer = nobody.get(review(reviewed))
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "done"
    first, *_, last = found["plies"]
    assert first == {"ply": 1, "score": 1, "best": [3], "scores": [-2, -1, 0, 1, 0, -1, -2], "verdict": "blunder",
                     "lastPly": 41}  # fmt: skip
    assert (last["ply"], last["score"], last["verdict"], last["best"], last["lastPly"]) == (7, 18, "best", [0], 7)
    assert found["turningPoint"] == max(
        ply["ply"] for ply in found["plies"] if ply["verdict"] in ("mistake", "blunder")
    )
    worth = {"only": 100, "best": 100, "good": 80, "mistake": 40, "blunder": 0}
    bobs = [worth[ply["verdict"]] for ply in found["plies"][::2]]
    alices = [worth[ply["verdict"]] for ply in found["plies"][1::2]]
    assert found["accuracy"] == pytest.approx([sum(alices) / len(alices), sum(bobs) / len(bobs)])


def test_an_old_game_is_queued_when_it_is_asked_for(game: Game, charlie: Caller) -> None:
    for _ in range(2):
        answer = charlie.get(review(game))
        assert (answer.status_code, answer.json()) == (202, {"status": "queued"})
    assert Review.objects.get().is_requested


def test_bytes_that_make_no_review_are_done_again(reviewed: Game, charlie: Caller) -> None:
    Review.objects.update(scores=b"\x01\x00\x05")
    assert charlie.get(review(reviewed)).status_code == 202
    again = Review.objects.get()
    assert (again.scores, again.is_requested) == (None, True)


@pytest.mark.parametrize("moves", ["", "443"])
def test_a_game_that_is_not_over_has_none(alice: Caller, bob: Caller, moves: str) -> None:
    waiting, played = store_game(alice.player, None), store_game(alice.player, bob.player, moves)
    for address in (review(waiting), review(played), position(played, "4")):
        assert refusal(alice.get(address)) == (409, "game_not_finished")
    assert not Review.objects.exists()


def test_a_game_that_was_cancelled_has_no_plies(alice: Caller, nobody: Caller) -> None:
    cancelled = store_finished(alice.player, None, "", "aborted", None)
    assert nobody.get(review(cancelled)).status_code == 202
    queue.finish(cancelled.pk, encode(0, []), timezone.now())
    assert nobody.get(review(cancelled)).json() == {
        "status": "done", "plies": [], "accuracy": [None, None], "turningPoint": None
    }  # fmt: skip


def test_no_such_game(alice: Caller) -> None:
    for path in ("review/", "review/position/"):
        assert refusal(alice.get(f"/api/games/ZZZZZZ/{path}")) == (404, "game_not_found")


# --- positions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moves", ["8", "x", "4 4", "4444444", "11213141", "4" * 43, "\u0664"])
def test_moves_that_are_none_are_said_so(game: Game, alice: Caller, moves: str) -> None:
    assert refusal(alice.get(position(game, moves))) == (400, "invalid_request")


@pytest.mark.parametrize(("moves", "line"), [(ALICE_WINS, [[0, 0], [0, 1], [0, 2], [0, 3]]), (FULL_BOARD, None)])
def test_a_position_after_the_end_has_no_scores(
    game: Game, alice: Caller, moves: str, line: list[list[int]] | None
) -> None:
    nothing = {"score": None, "best": [], "scores": None, "lastPly": None, "isOver": True, "line": line}
    assert alice.get(position(game, moves)).json() == nothing


def test_without_workers_a_position_is_refused(game: Game, alice: Caller) -> None:
    answer = alice.get(position(game, "44"))
    assert refusal(answer) == (503, "computer_unavailable")
    assert answer["Retry-After"]


# --- who gets nothing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seat", [1, 2])
def test_who_plays_by_the_clock_gets_nothing(
    reviewed: Game, alice: Caller, bob: Caller, charlie: Caller, seat: int
) -> None:
    both = (charlie.player, bob.player) if seat == 1 else (bob.player, charlie.player)
    live = store_game(*both, "4", **BLITZ)
    for address in (review(reviewed), position(reviewed, ALICE_WINS)):
        assert refusal(charlie.get(address)) == (409, "game_in_progress")
        assert alice.get(address).status_code == 200
    Game.objects.filter(pk=live.pk).update(state="finished", reason="timeout", winner=1, end_time=timezone.now())
    assert charlie.get(review(reviewed)).status_code == 200


@pytest.mark.parametrize("fields", [{}, {"state": "waiting"}])
def test_an_untimed_game_and_one_that_waits_are_no_reason(
    reviewed: Game, bob: Caller, charlie: Caller, fields: dict[str, Any]
) -> None:
    if fields:
        store_game(charlie.player, None, **BLITZ)
    else:
        store_game(charlie.player, bob.player, "4")
    assert charlie.get(review(reviewed)).status_code == 200


def test_a_game_against_the_computer_is_no_reason(reviewed: Game, alice: Caller, charlie: Caller) -> None:
    store_game(charlie.player, alice.player, "4", **BLITZ)
    Player.objects.filter(pk=alice.player.pk).update(computer=8)
    assert charlie.get(review(reviewed)).status_code == 200


@pytest.mark.parametrize(
    ("live", "status"),
    [("121", 409), ("767", 409), ("1", 409), ("", 200), ("12", 409), ("124", 200), ("1213141"[:6], 409), ("44", 200)],
)
def test_in_correspondence_only_that_game_is_refused(
    reviewed: Game, bob: Caller, charlie: Caller, live: str, status: int
) -> None:
    store_game(charlie.player, bob.player, live, days_per_move=3)
    assert charlie.get(review(reviewed)).status_code == status


def test_correspondence_refuses_no_other_game_and_no_other_position(
    reviewed: Game, bob: Caller, charlie: Caller
) -> None:
    store_game(charlie.player, bob.player, "4435", days_per_move=14)
    assert charlie.get(review(reviewed)).status_code == 200
    for moves in ("4", "443", "4435", "4453", "44351", "44537", "3544"):
        assert refusal(charlie.get(position(reviewed, moves))) == (409, "game_in_progress"), moves
    assert charlie.get(position(reviewed, ALICE_WINS)).status_code == 200


def test_a_review_waits_while_a_rated_game_of_its_series_goes_on(
    reviewed: Game, alice: Caller, bob: Caller, nobody: Caller
) -> None:
    second = store_game(bob.player, alice.player, "4", series=reviewed, series_number=2, rated=True, **BLITZ)
    assert nobody.get(review(reviewed)).status_code == 202
    Game.objects.filter(pk=second.pk).update(state="finished", reason="timeout", winner=1, end_time=timezone.now())
    assert nobody.get(review(reviewed)).status_code == 200


# --- how often --------------------------------------------------------------------------------------------------


def test_ten_requests_a_minute_and_person(alice: Caller, bob: Caller) -> None:
    old = [store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1) for _ in range(11)]
    assert [alice.get(review(game)).status_code for game in old[:10]] == [202] * 10
    refused = alice.get(review(old[10]))
    assert refusal(refused) == (429, "rate_limited")
    assert 1 <= int(refused["Retry-After"]) <= 6
    assert not Review.objects.filter(pk=old[10].pk).exists()
    assert alice.get(review(old[0])).status_code == 202, "asking again for what is queued counts nothing"
    assert bob.get(review(old[10])).status_code == 202


def test_reading_a_review_counts_nothing(reviewed: Game, alice: Caller, bob: Caller, settings: LazySettings) -> None:
    settings.REVIEWS_PER_USER_PER_MINUTE = 1
    old = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    assert [alice.get(review(reviewed)).status_code for _ in range(15)] == [200] * 15
    assert alice.get(review(old)).status_code == 202
    assert alice.get(review(reviewed)).status_code == 200


def test_what_is_done_again_counts(reviewed: Game, alice: Caller, settings: LazySettings) -> None:
    settings.REVIEWS_PER_USER_PER_MINUTE = 1
    Review.objects.update(is_requested=True)
    for expected in (202, 429):
        Review.objects.update(scores=b"\x01\x00\x05", done_at=timezone.now())
        assert alice.get(review(reviewed)).status_code == expected


def test_positions_have_a_limit_of_their_own(reviewed: Game, alice: Caller, settings: LazySettings) -> None:
    settings.POSITIONS_PER_USER_PER_MINUTE = 2
    assert [alice.get(position(reviewed, ALICE_WINS)).status_code for _ in range(3)] == [200, 200, 429]
    assert alice.get(review(reviewed)).status_code == 200
