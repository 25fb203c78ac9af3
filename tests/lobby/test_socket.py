"""`/ws/lobby/` on real servers."""

import asyncio
import http.client
import json
from contextlib import AsyncExitStack
from urllib.parse import urlencode

import pytest
import websockets

from games.models import Game, Player
from lobby.models import User
from tests.support.servers import ServerProcess
from tests.support.site import running_game, waiting_game
from tests.support.stories import in_store, story
from tests.support.wire import Client, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CSRF = "c" * 32


def lobby(server: ServerProcess, session: str | None = None, **options: object) -> Client:
    """A connection to the lobby, to be entered."""
    return Client(server.ws_url, "/ws/lobby/", session, **options)


def post(server: ServerProcess, session: str, path: str, **fields: str) -> str:
    """Send a form; where the answer leads."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        assert answer.status == 302, answer.read()
        return answer.headers["Location"]
    finally:
        connection.close()


async def create(server: ServerProcess, session: str, visibility: str = "public") -> str:
    """Make a game through the page; its ID."""
    address = await asyncio.to_thread(post, server, session, "/games/new/", visibility=visibility, first_move="1")
    return address.strip("/").split("/")[-1]


@pytest.fixture
def sessions(alice: User, bob: User) -> tuple[str, str]:
    """Of Alice and Bob."""
    return sign_in(alice), sign_in(bob)


@story
async def test_the_snapshot_comes_first(
    server: ServerProcess, alice: User, bob: User, sessions: tuple[str, str]
) -> None:
    waiting = await in_store(waiting_game)(alice)
    running = await in_store(running_game)(alice, bob, "44")
    async with lobby(server) as at_nobody, lobby(server, sessions[0]) as at_alice:
        for client, mine in ((at_nobody, set()), (at_alice, {waiting.pk, running.pk})):
            snapshot = await client.hear()
            assert snapshot["type"] == "lobby_snapshot"
            assert [game["id"] for game in snapshot["waiting"]] == [waiting.pk]
            assert [game["id"] for game in snapshot["playing"]] == [running.pk]
            assert {game["id"] for game in snapshot["mine"]} == mine
            assert (snapshot["waitingCount"], snapshot["playingCount"]) == (1, 1)


@story
async def test_a_game_appears_changes_and_goes_in_every_open_lobby(
    server: ServerProcess, sessions: tuple[str, str]
) -> None:
    alice, bob = sessions
    async with AsyncExitStack() as stack:
        lobbies = [await stack.enter_async_context(lobby(server, who)) for who in [None] * 8 + [alice, bob]]
        for one in lobbies:
            await one.hear("lobby_snapshot")
        game_id = await create(server, alice)
        for one in lobbies:
            assert (await one.hear("game_listed"))["game"]["id"] == game_id
        await asyncio.to_thread(post, server, bob, f"/join/{game_id}/")
        for one in lobbies:
            assert (await one.hear("game_updated"))["game"]["participant2"] == "bob"
        async with Client(server.ws_url, f"/ws/games/{game_id}/", alice) as game:
            assert (await game.play(3, 1))["type"] == "move_played"
            for one in lobbies:
                assert (await one.hear("game_updated"))["game"]["moves"] == [3]
            await game.say("resign")
            for one in lobbies:
                assert (await one.hear())["type"] == "game_unlisted"


def create_through_the_api(server: ServerProcess, session: str) -> str:
    """Make a game as a program does; its ID."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        connection.request("POST", "/api/games/", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        game_id: str = json.load(answer)["id"]
        return game_id
    finally:
        connection.close()


@story
async def test_a_game_of_somebody_connected_is_listed_at_once_however_it_was_made(
    server: ServerProcess, alice: User, sessions: tuple[str, str]
) -> None:
    async with lobby(server, sessions[0]) as at_alice, lobby(server) as at_nobody:
        for one in (at_alice, at_nobody):
            await one.hear("lobby_snapshot")
        game_id = await asyncio.to_thread(create_through_the_api, server, sessions[0])
        assert (await Player.objects.aget(pk=alice.pk)).seen_at is not None
        for one in (at_alice, at_nobody):
            assert (await one.hear("game_listed"))["game"]["id"] == game_id


@story
async def test_a_private_game_is_told_to_its_participants_alone(
    server: ServerProcess, sessions: tuple[str, str]
) -> None:
    alice, bob = sessions
    async with lobby(server, alice) as at_alice, lobby(server, bob) as at_bob, lobby(server) as at_nobody:
        for one in (at_alice, at_bob, at_nobody):
            await one.hear("lobby_snapshot")
        secret = await create(server, alice, "private")
        assert (await at_alice.hear())["game"]["id"] == secret
        public = await create(server, alice)
        for one in (at_bob, at_nobody):
            assert (await one.hear())["game"]["id"] == public, "the first that they hear of"
        await asyncio.to_thread(post, server, bob, f"/join/{secret}/")
        assert (await at_bob.hear())["game"]["id"] == secret


@story
async def test_ping_and_sync_are_answered_with_their_ids(server: ServerProcess, alice: User) -> None:
    async with lobby(server) as client:
        await client.hear("lobby_snapshot")
        await client.say("ping", id="p")
        pong = await client.hear()
        assert (pong["type"], pong["id"]) == ("pong", "p")
        assert pong["serverTime"].endswith("Z")
        await client.say("ping")
        assert "id" not in await client.hear("pong")
        game = await in_store(waiting_game)(alice)
        await client.say("sync", id=7)
        snapshot = await client.hear("lobby_snapshot")
        assert snapshot["id"] == 7
        await client.hear("game_listed")
        await client.say("sync")
        assert [listed["id"] for listed in (await client.hear("lobby_snapshot"))["waiting"]] == [game.pk]


@pytest.mark.parametrize(
    "frame",
    ["", "x", "[]", "null", '{"type":"play_move","column":1,"ply":1}', '{"type":"resign"}', '{"type":"sync","x":1}',
     '{"type":"games.changed","ids":[]}', '{"type":1}', "\x00", '{"type":"sync","id":true}', "[" * 4000],
)  # fmt: skip
@story
async def test_what_is_no_command_is_told_and_the_connection_stays(server: ServerProcess, frame: str) -> None:
    async with lobby(server) as client:
        await client.hear("lobby_snapshot")
        await client.say_raw(frame)
        assert (await client.hear())["code"] == "invalid_message"
        await client.say("ping")
        assert (await client.hear())["type"] == "pong"


@story
async def test_a_binary_frame_is_told_and_twenty_in_a_row_end_it(server: ServerProcess) -> None:
    async with lobby(server) as client:
        await client.hear("lobby_snapshot")
        for _ in range(20):
            await client.say_raw(b'{"type":"sync"}')
            assert (await client.hear())["code"] == "invalid_message"
        assert await client.closed() == 4400


@story
async def test_too_many_messages_are_refused(server: ServerProcess) -> None:
    async with lobby(server) as client:
        await client.hear("lobby_snapshot")
        for _ in range(31):
            await client.say("ping")
        answers = [(await client.hear())["type"] for _ in range(31)]
        assert answers.count("error") == 1
        assert answers.count("pong") == 30


@story
async def test_a_foreign_page_is_refused(server: ServerProcess, sessions: tuple[str, str]) -> None:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with lobby(server, sessions[0], origin="https://evil.example"):
            pass
    assert refusal.value.response.status_code == 403


@story
async def test_a_missing_origin_is_let_in_as_nobody(
    server: ServerProcess, alice: User, sessions: tuple[str, str]
) -> None:
    await in_store(waiting_game)(alice, visibility="private")
    async with lobby(server, sessions[0], origin=None) as client:
        assert (await client.hear())["mine"] == []


@story
async def test_signing_out_closes_the_lobby(server: ServerProcess, sessions: tuple[str, str]) -> None:
    async with lobby(server, sessions[0]) as client:
        await client.hear("lobby_snapshot")
        await asyncio.to_thread(post, server, sessions[0], "/accounts/logout/")
        assert await client.closed() == 4401


@story
async def test_being_in_the_lobby_is_being_about(server: ServerProcess, alice: User, sessions: tuple[str, str]) -> None:
    game = await in_store(waiting_game)(alice)
    await in_store(_forget_when_seen)(alice)
    async with lobby(server) as at_nobody:
        assert (await at_nobody.hear())["waiting"] == []
        async with lobby(server, sessions[0]):
            assert (await at_nobody.hear("game_listed"))["game"]["id"] == game.pk
    assert await in_store(Game.objects.count)() == 1


def _forget_when_seen(user: User) -> None:
    user.player.seen_at = None
    user.player.save()


@story
async def test_every_frame_is_one_object_with_a_type(server: ServerProcess, sessions: tuple[str, str]) -> None:
    async with lobby(server) as client:
        await create(server, sessions[0])
        for _ in range(2):
            message = json.loads(await client.connection.recv())
            assert isinstance(message["type"], str)
