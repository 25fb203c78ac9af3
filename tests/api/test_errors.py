"""Whatever is asked below ``/api/``, a refusal has one shape and the fitting status."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from games.models import Game
from tests.support.callers import Caller, refusal
from tests.support.stored_games import store_game


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/games", "/api/games/A9F3QX", "/api/games/A9F3QX/play/",
                                  "/api/token", "/api/../admin/", "/api/%ff%fe/"])  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_there_is_nothing(transactional_db: None, path: str, method: str) -> None:
    assert refusal(getattr(APIClient(), method)(path)) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("put", "/api/games/"), ("delete", "/api/games/A9F3QX/"),
                                              ("get", "/api/token/"), ("get", "/api/games/A9F3QX/join/"),
                                              ("options", "/api/games/")])  # fmt: skip
def test_not_with_this_method(alice: Caller, method: str, path: str) -> None:
    answer = getattr(alice.client(), method)(path)
    assert refusal(answer) == (405, "invalid_request")
    assert answer["Allow"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"null", b"NaN", b'{"visibility": "\\ud800"}', b"[" * 100_000, b"\xff\xfe", b"\0",
             b'{"a":' * 5000 + b"1" + b"}" * 5000],
)  # fmt: skip
def test_a_body_that_is_no_json_object(alice: Caller, body: bytes) -> None:
    answer = alice.client().generic("POST", "/api/games/", body, content_type="application/json")
    assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_of_another_type(alice: Caller, kind: str) -> None:
    assert refusal(alice.client().generic("POST", "/api/games/", b"a=b", content_type=kind)) == (415, "invalid_request")


def test_a_body_that_is_too_big(alice: Caller) -> None:
    body = b'{"visibility": "' + b"x" * 3_000_000 + b'"}'
    answer = alice.client().generic("POST", "/api/games/", body, content_type="application/json")
    assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0", "nonsense"])
def test_answers_are_json_whatever_is_accepted(alice: Caller, accept: str) -> None:
    assert refusal(alice.client().get("/api/games/ZZZZZZ/", HTTP_ACCEPT=accept)) == (404, "game_not_found")


def test_a_foreign_host(transactional_db: None) -> None:
    assert refusal(APIClient().get("/api/games/", HTTP_HOST="evil.example")) == (400, "invalid_request")


@pytest.mark.parametrize("ask", [lambda c: c.get("/api/games/"), lambda c: c.get("/api/games/A9F3QX/")])
def test_storage_is_away(alice: Caller, ask: Callable[[Any], Any]) -> None:
    client = alice.client()
    with (
        patch("games.api.games._visible_to", side_effect=OperationalError("gone")),
        patch("games.storage.loading.load", side_effect=OperationalError("gone")),
    ):
        answer = ask(client)
    assert refusal(answer) == (503, "try_again")
    assert answer["Retry-After"] == "1"


def test_a_failure_of_ours_tells_nothing_of_itself(alice: Caller) -> None:
    client = APIClient(raise_request_exception=False)
    with patch("games.storage.loading.load", side_effect=RuntimeError("secret inside")):
        answer = client.get("/api/games/A9F3QX/")
    assert refusal(answer) == (500, "server_error")
    assert b"secret" not in answer.content


# --- the site's session -----------------------------------------------------------------------------------------


def test_a_session_works_with_its_csrf_token_and_not_without(alice: Caller) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert alice.user is not None
    browser.force_login(alice.user)
    assert refusal(browser.post("/api/games/", {}, content_type="application/json")) == (403, "forbidden")
    assert not Game.objects.exists()
    browser.cookies["csrftoken"] = "c" * 32
    made = browser.post("/api/games/", {}, content_type="application/json", headers={"X-CSRFToken": "c" * 32})
    assert made.status_code == 201


def test_nobody_may_look_and_not_touch(alice: Caller, nobody: Caller) -> None:
    game = store_game(alice.player, None)
    assert nobody.get(f"/api/games/{game.pk}/").status_code == 200
    assert refusal(nobody.post("/api/games/")) == (401, "unauthenticated")
