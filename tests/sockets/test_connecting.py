"""Connecting: who one is, what one hears first, and who is turned away."""

import json
from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from games.access import families
from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_finished, store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client


def shown(name: str) -> dict[str, object]:
    unknown = {"computer": None, "guest": False, "bot": False, "rating": None, "provisional": False}
    return {"name": name, **unknown, "ratingChange": None}


@story
async def test_first_a_snapshot_then_presence(
    server: ServerProcess, alice: Person, bob: Person, charlie: Person, nobody: Person
) -> None:
    game = await in_store(store_game)(alice.player, bob.player, "443")
    for person, you in ((alice, 1), (bob, 2), (charlie, None), (nobody, None)):
        async with person.at(server, game) as client:
            snapshot = await client.hear()
            presence = await client.hear()
        assert snapshot["type"] == "snapshot"
        assert snapshot["you"] == you
        assert snapshot["rematch"] == {"offeredBy": None, "game": None}
        assert snapshot["serverTime"].endswith("Z")
        assert snapshot["game"] == {
            "id": game.pk, "state": "in-progress", "version": 4, "participant1": "alice", "participant2": "bob",
            "firstMove": 1, "moves": [3, 3, 2], "notation": "443", "turn": 2,
            "legalColumns": [0, 1, 2, 3, 4, 5, 6], "outcome": None, "visibility": "public",
            "createTime": "2026-01-05T12:00:00.000Z", "startTime": "2026-01-05T12:00:10.000Z", "endTime": None,
            "timeControl": None, "speed": "untimed", "rated": False, "openingPlies": 0, "takebacks": True,
            "players": [shown("alice"), shown("bob")], "clock": None,
            "offers": {"draw": None, "takeback": None}, "invited": None,
            "series": {"id": game.pk, "number": 1, "score": [0, 0]},
        }  # fmt: skip
        assert presence["type"] == "presence"
        seats = (presence["participant1"], presence["participant2"], presence["spectators"])
        assert seats == (you == 1, you == 2, int(you is None))


@story
async def test_presence_follows_comings_and_goings(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, game) as table:
        client = await table.seat(alice)
        async with Table(server, game) as elsewhere:
            await elsewhere.seat(bob)
            assert (await client.hear("presence"))["participant2"] is True
        presence = await client.hear("presence")
        assert presence["participant2"] is False
        assert presence["participant2AwaySince"] is not None


@story
async def test_a_snapshot_of_a_won_game_tells_its_line(lone_server: ServerProcess, alice: Person, bob: Person) -> None:
    game = await in_store(store_finished)(alice.player, bob.player, "1213141", "four_in_a_row", 1)
    async with alice.at(lone_server, game) as client:
        snapshot = await client.hear("snapshot")
    line = [[0, 0], [0, 1], [0, 2], [0, 3]]
    assert snapshot["game"]["outcome"] == {"winner": 1, "reason": "four_in_a_row", "line": line}
    assert (snapshot["game"]["turn"], snapshot["game"]["legalColumns"]) == (None, [])


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
@pytest.mark.parametrize("game_id", ["ZZZZZZ", "short", "UUUUUU", "A9F3QX0", "A9F3QX012", "%00", "ÄÄÄÄÄÄ", "x" * 500])
def test_an_unknown_game_is_told_apart_from_a_break(
    kind: str, game_id: str, alice: Person, request: pytest.FixtureRequest
) -> None:
    server: ServerProcess = request.getfixturevalue(f"{kind}_server")

    @story
    async def turned_away() -> None:
        async with alice.at(server, game_id) as client:
            error = await client.hear()
            assert (error["type"], error["code"]) == ("error", "game_not_found")
            assert await client.closed() == 4404

    turned_away()


@story
async def test_an_id_is_read_as_people_write_it(lone_server: ServerProcess, alice: Person, bob: Person) -> None:
    game = await in_store(store_game)(alice.player, bob.player, id="A01F3X")
    for typed in ("A01F3X", "a01f3x", "aOi-f3x", "%20A0L%20f3x", "a-0-1-f-3-x"):
        async with alice.at(lone_server, typed) as client:
            assert (await client.hear("snapshot"))["game"]["id"] == game.pk, typed


@pytest.mark.parametrize("path", ["/ws/", "/ws/games/", "/ws/games/A9F3QX", "/ws/games/A9F3QX/x/", "/", "/ws/nothing/"])
@story
async def test_any_other_path_is_refused(server: ServerProcess, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with Client(server.ws_url, path):
            pass
    assert refused.value.response.status_code == 403


# --- Origin and tokens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "file://"]
)
@story
async def test_a_foreign_origin_is_refused(server: ServerProcess, game: Game, alice: Person, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with alice.at(server, game, origin=origin):
            pass
    assert refused.value.response.status_code == 403


@story
async def test_without_an_origin_the_cookie_is_not_looked_at(server: ServerProcess, game: Game, alice: Person) -> None:
    async with alice.at(server, game, origin=None) as client:
        assert (await client.hear("snapshot"))["you"] is None
        assert await client.refused("play_move", column=3, ply=1) == "not_a_participant"


@pytest.mark.parametrize("cookie", ["", "sessionid=", "sessionid=nonsense", "=;;sessionid", 'sessionid="a\\"'])
@story
async def test_a_cookie_that_is_no_session_is_nobodys(lone_server: ServerProcess, game: Game, cookie: str) -> None:
    headers = {"Cookie": cookie} if cookie else {}
    async with Client(lone_server.ws_url, f"/ws/games/{game.pk}/", additional_headers=headers) as client:
        assert (await client.hear("snapshot"))["you"] is None


@pytest.mark.parametrize("origin", ["https://evil.example", None])
@story
async def test_a_bad_token_beats_a_good_cookie(
    server: ServerProcess, game: Game, alice: Person, origin: str | None
) -> None:
    headers = {"Authorization": "Bearer not-a-token"}
    async with alice.at(server, game, origin=origin, additional_headers=headers) as client:
        assert (await client.hear())["code"] == "unauthenticated"
        assert await client.closed() == 4401


def _token(person: Person, lifetime: timedelta = timedelta(minutes=5)) -> str:
    token = families.begin(person.player.user).access_token
    token.set_exp(lifetime=lifetime)
    return str(token)


@story
async def test_a_token_says_who_one_is_whatever_cookie_and_origin_say(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    headers = {"Authorization": f"Bearer {await in_store(_token)(alice)}"}
    async with bob.at(server, game, origin="https://evil.example", additional_headers=headers) as client:
        assert (await client.hear("snapshot"))["you"] == 1
    subprotocols = ["fourline.v1", f"bearer.{await in_store(_token)(bob)}"]
    async with Person().at(server, game, subprotocols=subprotocols) as client:
        assert client.connection.subprotocol == "fourline.v1"
        assert (await client.hear("snapshot"))["you"] == 2


@story
async def test_an_expired_token_is_refused(lone_server: ServerProcess, game: Game, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {await in_store(_token)(alice, timedelta(seconds=-60))}"}
    async with alice.at(lone_server, game, additional_headers=headers) as client:
        assert (await client.hear())["code"] == "unauthenticated"
        assert await client.closed() == 4401


@story
async def test_our_subprotocol_is_selected_also_where_the_connection_is_refused(
    server: ServerProcess, game: Game, alice: Person
) -> None:
    async with alice.at(server, game, subprotocols=["fourline.v1", "bearer.no-token"]) as client:
        assert client.connection.subprotocol == "fourline.v1"
        assert (await client.hear())["code"] == "unauthenticated"
        assert await client.closed() == 4401
    async with alice.at(server, "ZZZZZZ", subprotocols=["other", "fourline.v1"]) as client:
        assert client.connection.subprotocol == "fourline.v1"
        assert await client.closed() == 4404
    async with alice.at(server, game, subprotocols=["fourline.v1"]) as client:
        assert client.connection.subprotocol == "fourline.v1"
        assert (await client.hear("snapshot"))["you"] == 1
    async with alice.at(server, game, subprotocols=["other"]) as client:
        assert client.connection.subprotocol is None


@story
async def test_every_frame_is_one_json_object_with_a_type(
    lone_server: ServerProcess, game: Game, alice: Person
) -> None:
    async with alice.at(lone_server, game) as client:
        for _ in range(2):
            frame = await client.connection.recv()
            assert isinstance(frame, str)
            assert isinstance(json.loads(frame)["type"], str)
