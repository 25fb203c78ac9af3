"""What the API answers is kept by no cache: tokens, and games as they stood for a moment."""

import pytest

from tests.support.callers import PASSWORD, Caller
from tests.support.stored_games import store_game


def test_tokens_are_kept_by_no_cache(alice: Caller) -> None:
    answer = alice.post("/api/token/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/games/", "/api/games/{}/", "/api/games/{}/moves/", "/api/games/{}/export/",
                                  "/api/games/ZZZZZZ/", "/api/nothing/", "/api/token/"])  # fmt: skip
def test_other_answers_likewise(alice: Caller, path: str) -> None:
    game = store_game(alice.player, None)
    assert alice.get(path.format(game.pk))["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_what_is_the_same_for_everybody_may_be_kept(nobody: Caller, path: str, transactional_db: None) -> None:
    assert not nobody.get(path).has_header("Cache-Control")
