"""Attacks by name, over HTTP and real sockets."""

from datetime import timedelta
from html import escape

import pytest
import websockets
from django.conf import LazySettings
from django.test import Client as Browser
from rest_framework.test import APIClient

from games.access import families
from games.models import Game, Move, Player
from tests.support.people import Person, person, token_of
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client


def with_token(server: ServerProcess, game: Game, token: str, how: str, **options: object) -> Client:
    """A connection with a token, in the header or as a subprotocol, without a cookie and without an Origin."""
    if how == "header":
        extra: dict[str, object] = {"additional_headers": {"Authorization": f"Bearer {token}"}}
    else:
        extra = {"subprotocols": ["fourline.v1", f"bearer.{token}"]}
    return Client(server.ws_url, f"/ws/games/{game.pk}/", None, **{"origin": None, **extra, **options})


# --- in a game --------------------------------------------------------------------------------------------------


@story
async def test_move_for_another_and_out_of_turn(
    uvicorn_server: ServerProcess, game: Game, alice: Person, bob: Person, mallory: Person
) -> None:
    async with mallory.at(uvicorn_server, game) as attacker, bob.at(uvicorn_server, game) as other:
        await attacker.hear("snapshot")
        for command in ("resign", "offer_rematch", "decline_rematch"):
            assert await attacker.refused(command) == "not_a_participant"
        assert await attacker.refused("play_move", column=3, ply=1) == "not_a_participant"
        assert await other.refused("play_move", column=3, ply=1) == "not_your_turn"
        for forged in ({"participant": 1}, {"seat": 1}, {"you": 1}, {"playerId": 1}):
            assert await attacker.refused("play_move", column=3, ply=1, **forged) == "invalid_message"
    assert await in_store(Move.objects.count)() == 0


@story
async def test_a_client_reaches_no_handler_of_the_layer(
    uvicorn_server: ServerProcess, game: Game, alice: Person
) -> None:
    async with alice.at(uvicorn_server, game) as client:
        await client.hear("snapshot")
        for kind in ("game.event", "game_event", "layer.missed", "websocket.close", "end_session", "snapshot"):
            assert await client.refused(kind, text='{"type":"game_finished"}', version=9) == "invalid_message"


# --- tokens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
@pytest.mark.parametrize("how", ["header", "subprotocol"])
def test_a_token_is_a_way_to_sit_down(
    request: pytest.FixtureRequest, kind: str, how: str, game: Game, alice: Person
) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")
    token = token_of(alice)

    @story
    async def run() -> None:
        async with with_token(server, game, token, how) as client:
            assert (await client.hear("snapshot"))["you"] == 1
            assert client.connection.subprotocol == ("fourline.v1" if how == "subprotocol" else None)
            assert (await client.play(3, 1))["type"] == "move_played"

    run()


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
@pytest.mark.parametrize("how", ["header", "subprotocol"])
@pytest.mark.parametrize("fault", ["nonsense", "expired", "refresh", "deleted", "deactivated", "empty"])
def test_a_bad_token_is_told_so(
    request: pytest.FixtureRequest, kind: str, how: str, fault: str, game: Game, mallory: Person
) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")
    token = _faulty(fault, mallory)

    @story
    async def run() -> None:
        # A good cookie and our own Origin beside it change nothing.
        good = await in_store(person)("zoe")
        cookie = {"Cookie": f"sessionid={good.session}"}
        headers = {**cookie, "Authorization": f"Bearer {token}"} if how == "header" else cookie
        async with with_token(server, game, token, how, additional_headers=headers, origin=server.url) as client:
            message = await client.hear()
            assert (message["type"], message["code"]) == ("error", "unauthenticated")
            assert await client.closed() == 4401
            assert client.connection.subprotocol == ("fourline.v1" if how == "subprotocol" else None)

    run()


def _faulty(fault: str, mallory: Person) -> str:
    assert mallory.player is not None
    user = mallory.player.user
    token = families.begin(user).access_token
    if fault == "expired":
        token.set_exp(lifetime=-timedelta(seconds=1))
    elif fault == "refresh":
        token["token_type"] = "refresh"
    elif fault == "deleted":
        mallory.player.delete()
        user.delete()
    elif fault == "deactivated":
        user.is_active = False
        user.save()
    return {"nonsense": "nonsense", "empty": "."}.get(fault, str(token))


@story
async def test_a_token_that_expires_during_play_does_not_end_the_connection(
    uvicorn_server: ServerProcess, game: Game, alice: Person
) -> None:
    assert alice.player is not None
    token = (await in_store(families.begin)(alice.player.user)).access_token
    token.set_exp(lifetime=timedelta(seconds=2))
    async with with_token(uvicorn_server, game, str(token), "header") as client:
        await client.hear("snapshot")
        refused = False
        while not refused:  # until the same token opens no new connection
            async with with_token(uvicorn_server, game, str(token), "header") as other:
                refused = (await other.hear())["type"] == "error"
        assert (await client.play(3, 1))["type"] == "move_played"


@story
async def test_a_token_in_the_address_is_nothing(uvicorn_server: ServerProcess, game: Game, alice: Person) -> None:
    token = await in_store(token_of)(alice)
    path = f"/ws/games/{game.pk}/?token={token}&access_token={token}"
    async with Client(uvicorn_server.ws_url, path, None, origin=None) as client:
        assert (await client.hear("snapshot"))["you"] is None
    assert token[:20] not in uvicorn_server.log


# --- from another site ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
def test_cross_site_websocket(request: pytest.FixtureRequest, kind: str, game: Game, alice: Person) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")

    @story
    async def run() -> None:
        for origin in (
            "https://evil.example",
            "null",
            f"http://127.0.0.1:{server.port + 1}",
            "http://localhost",
            "file://",
        ):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with alice.at(server, game, origin=origin):
                    pass
            assert refused.value.response.status_code == 403

    run()


def test_csrf_on_join(alice: Person, mallory: Person) -> None:
    game = store_game(alice.player, None)
    browser = Browser(enforce_csrf_checks=True)
    assert mallory.player is not None
    browser.force_login(mallory.player.user)
    assert browser.get(f"/join/{game.pk}/").status_code == 200
    for path in (f"/join/{game.pk}/", f"/api/games/{game.pk}/join/", "/games/new/", f"/games/{game.pk}/cancel/"):
        assert browser.post(path, {}, content_type="application/json").status_code == 403, path
    assert Game.objects.get().state == "waiting"


# --- what people type -------------------------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"


def test_script_in_a_name(settings: LazySettings, alice: Person, bob: Person) -> None:
    answer = Browser().post("/accounts/signup/", {"username": SCRIPT, "password": "correct horse 42"})
    assert answer.status_code == 200
    assert SCRIPT.encode() not in answer.content
    # Even where a name got into the store by another way, pages escape it.
    Player.objects.filter(pk=bob.player.pk).update(name="<img src=x>")  # type: ignore[union-attr]
    game = store_game(alice.player, bob.player, "443")
    for path in (f"/games/{game.pk}/", f"/join/{game.pk}/", "/"):
        text = Browser().get(path).content.decode()
        assert "<img src=x>" not in text, path
    text = Browser().get(f"/games/{game.pk}/").content.decode()
    assert escape("<img src=x>") in text or "\\u003Cimg src=x\\u003E" in text


@pytest.mark.parametrize(
    "path",
    ["/?join={}", "/games/find/?id={}", "/games/{}/", "/join/{}/", "/accounts/login/?next={}", "/history/?opponent={}"],
)
def test_script_in_an_address(alice: Person, path: str) -> None:
    browser = Browser()
    assert alice.player is not None
    if "history" in path:
        browser.force_login(alice.player.user)
    answer = browser.get(path.format(SCRIPT))
    assert answer.status_code < 500
    assert SCRIPT.encode() not in answer.content


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_open_redirect_after_sign_in(settings: LazySettings, alice: Person, target: str) -> None:
    assert alice.player is not None
    alice.player.user.set_password("correct horse 42")
    alice.player.user.save()
    answer = Browser().post("/accounts/login/", {"username": "alice", "password": "correct horse 42", "next": target})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


# --- rights -----------------------------------------------------------------------------------------------------


def test_a_private_game_is_in_no_list(alice: Person, bob: Person, mallory: Person) -> None:
    secret = store_game(alice.player, bob.player, id="SECRE1", visibility="private")
    waiting = store_game(alice.player, None, id="SECRE2", visibility="private")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(mallory)}")
    for query in ({}, {"participant": "alice"}, {"state": "in-progress"}, {"state": "waiting"}):
        assert client.get("/api/games/", query).json()["results"] == []
    text = Browser().get("/").content.decode()
    assert secret.pk not in text
    assert waiting.pk not in text
