"""What one does to a game over REST: joining, resigning, drawing, aborting, claiming, cancelling."""

import pytest

from tests.support.callers import Caller, refusal
from tests.support.stored_games import store_game


def test_joining_starts_the_game_and_may_be_said_again(alice: Caller, bob: Caller) -> None:
    game_id = alice.post("/api/games/").json()["id"]
    for _ in range(2):
        answer = bob.post(f"/api/games/{game_id}/join/")
        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["participant2"]) == ("in-progress", "bob")


def test_who_may_not_join(alice: Caller, bob: Caller, charlie: Caller, nobody: Caller) -> None:
    game_id = alice.post("/api/games/").json()["id"]
    assert refusal(nobody.post(f"/api/games/{game_id}/join/")) == (401, "unauthenticated")
    assert refusal(alice.post(f"/api/games/{game_id}/join/")) == (409, "own_game")
    bob.post(f"/api/games/{game_id}/join/")
    assert refusal(charlie.post(f"/api/games/{game_id}/join/")) == (409, "game_full")
    bob.post(f"/api/games/{game_id}/resign/")
    assert refusal(charlie.post(f"/api/games/{game_id}/join/")) == (409, "game_finished")
    assert refusal(charlie.post("/api/games/ZZZZZZ/join/")) == (404, "game_not_found")


def test_resigning(alice: Caller, bob: Caller, charlie: Caller) -> None:
    game_id = alice.post("/api/games/").json()["id"]
    path = f"/api/games/{game_id}/resign/"
    assert refusal(alice.post(path)) == (409, "game_not_started")
    bob.post(f"/api/games/{game_id}/join/")
    assert refusal(charlie.post(path)) == (403, "not_a_participant")
    finished = bob.post(path).json()
    assert finished["outcome"] == {"winner": 1, "reason": "resignation", "line": None}
    assert refusal(alice.post(path)) == (409, "game_finished")


def test_a_draw_is_offered_and_accepted(alice: Caller, bob: Caller, charlie: Caller) -> None:
    game_id = alice.post("/api/games/").json()["id"]
    path = f"/api/games/{game_id}/draw/"
    assert refusal(alice.post(path)) == (409, "game_not_started")
    bob.post(f"/api/games/{game_id}/join/")
    assert refusal(charlie.post(path)) == (403, "not_a_participant")
    offered = alice.post(path).json()
    assert (offered["version"], offered["offers"]) == (2, {"draw": 1, "takeback": None})
    assert alice.post(path).json() == offered
    drawn = bob.post(path).json()
    assert drawn["outcome"] == {"winner": None, "reason": "agreement", "line": None}
    assert (drawn["version"], drawn["offers"]["draw"]) == (3, None)
    assert refusal(alice.post(path)) == (409, "game_finished")
    record = alice.get(f"/api/games/{game_id}/export/").json()
    assert [(act["kind"], act["participant"], act["afterPly"]) for act in record["acts"]] == [("draw_offer", 1, 0)]
    assert "alice offers a draw, " in alice.get(f"/api/games/{game_id}/export/?format=text").content.decode()


def test_aborting(alice: Caller, bob: Caller, charlie: Caller) -> None:
    game = store_game(alice.player, bob.player, "4")
    path = f"/api/games/{game.pk}/abort/"
    assert refusal(charlie.post(path)) == (403, "not_a_participant")
    aborted = alice.post(path).json()
    assert (aborted["version"], aborted["outcome"]["reason"], aborted["outcome"]["winner"]) == (3, "aborted", None)
    assert refusal(bob.post(path)) == (409, "game_finished")
    begun = store_game(alice.player, bob.player, "44")
    assert refusal(bob.post(f"/api/games/{begun.pk}/abort/")) == (409, "too_late")
    waiting = store_game(alice.player, None)
    assert refusal(alice.post(f"/api/games/{waiting.pk}/abort/")) == (409, "game_not_started")


def test_claiming(alice: Caller, bob: Caller, charlie: Caller) -> None:
    game = store_game(alice.player, bob.player, "44")
    path = f"/api/games/{game.pk}/claim/"
    assert refusal(alice.post(path, {"result": "win"})) == (409, "nothing_to_claim")
    assert refusal(charlie.post(path, {"result": "draw"})) == (403, "not_a_participant")
    for body in ({}, {"result": "loss"}, {"result": None}, {"result": 1}, {"result": "win", "as": "bob"}):
        assert refusal(alice.post(path, body)) == (400, "invalid_request")


def test_cancelling(alice: Caller, bob: Caller) -> None:
    game_id = alice.post("/api/games/").json()["id"]
    path = f"/api/games/{game_id}/cancel/"
    assert refusal(bob.post(path)) == (403, "not_a_participant")
    finished = alice.post(path).json()
    assert (finished["outcome"]["reason"], finished["version"]) == ("aborted", 1)
    assert refusal(alice.post(path)) == (409, "game_finished")
    started = store_game(alice.player, bob.player)
    assert refusal(alice.post(f"/api/games/{started.pk}/cancel/")) == (409, "game_already_started")


@pytest.mark.parametrize("action", ["join", "resign", "draw", "abort", "cancel"])
def test_an_action_takes_no_fields(alice: Caller, action: str) -> None:
    game = store_game(alice.player, None)
    assert refusal(alice.post(f"/api/games/{game.pk}/{action}/", {"as": "bob"})) == (400, "invalid_request")
