"""Guests at sockets: they play, sign up in the midst of a series, and go on."""

import asyncio
import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from games.models import Game, Player
from lobby.accounts import guests
from tests.support.people import CSRF, Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import in_store, story
from tests.support.wire import Client, sign_in


@dataclass
class Answer:
    """What a page answered: its status, and the session that the browser has by then."""

    status: int
    session: str


def _post(server: ServerProcess, path: str, session: str = "", **fields: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        headers = {
            "Cookie": f"csrftoken={CSRF}" + (f"; sessionid={session}" if session else ""), "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        found = re.search("sessionid=([^;]+)", " ".join(answer.headers.get_all("Set-Cookie", [])))
        return Answer(answer.status, found[1] if found else session)
    finally:
        connection.close()


def _guest() -> Person:
    user = guests.make("192.0.2.7")
    return Person(Player.objects.get(pk=user.pk), sign_in(user))


@story
async def test_a_guest_signs_up_in_a_game_and_goes_on(server: ServerProcess, waiting_game: Game, alice: Person) -> None:
    answer = await asyncio.to_thread(_post, server, f"/join/{waiting_game.pk}/")
    assert answer.status == 302
    guest = Person(None, answer.session)
    async with Table(server, waiting_game) as table:
        one, two = await table.seat(alice), await table.seat(guest)
        assert (await one.play(3, 1))["ply"] == 1
        assert (await two.play(3, 2))["ply"] == 2
        signed_up = await asyncio.to_thread(
            _post, server, "/accounts/signup/", answer.session, username="dora", password="correct-horse-42"
        )
        assert (signed_up.status, signed_up.session == answer.session) == (302, False)
        assert (await one.play(4, 3))["ply"] == 3
        # The connection that was the guest's is sent away to come back, not shut out: its page reconnects by itself.
        assert await two.closed() == 4012
        again = await table.seat(Person(None, signed_up.session))
        assert (await again.play(4, 4))["participant"] == 2
        await one.say("resign")
        await again.hear("game_finished")
        await again.say("offer_rematch")
        await one.hear("rematch_offered")
        await one.say("offer_rematch")
        following = (await again.hear("rematch_started"))["game"]
    async with Client(server.ws_url, f"/ws/games/{following}/", signed_up.session) as series:
        snapshot = await series.hear("snapshot")
    player = snapshot["game"]["players"][0]
    assert (snapshot["you"], player["name"], player["guest"]) == (1, "dora", False)


@story
async def test_those_who_watch_see_the_new_name_within_seconds(
    lone_server: ServerProcess, waiting_game: Game, alice: Person
) -> None:
    answer = await asyncio.to_thread(_post, lone_server, f"/join/{waiting_game.pk}/")
    async with Table(lone_server, waiting_game) as table:
        one = await table.seat(alice)
        await one.say("sync")
        assert (await one.hear("snapshot"))["game"]["players"][1]["guest"] is True
        await asyncio.to_thread(
            _post, lone_server, "/accounts/signup/", answer.session, username="dora", password="correct-horse-42"
        )
        async with asyncio.timeout(10):
            player = {"guest": True}
            while player["guest"]:
                await asyncio.sleep(0.2)
                await one.say("sync")
                player = (await one.hear("snapshot"))["game"]["players"][1]
        assert player["name"] == "dora"


@story
async def test_who_holds_a_copied_cookie_is_out_when_the_guest_signs_up(
    lone_server: ServerProcess, waiting_game: Game
) -> None:
    answer = await asyncio.to_thread(_post, lone_server, f"/join/{waiting_game.pk}/")
    async with Table(lone_server, waiting_game) as table:
        thief = await table.seat(Person(None, answer.session))
        await asyncio.to_thread(
            _post, lone_server, "/accounts/signup/", answer.session, username="dora", password="correct-horse-42"
        )
        assert await thief.closed() == 4012
        async with Client(lone_server.ws_url, f"/ws/games/{waiting_game.pk}/", answer.session) as back:
            assert (await back.hear("snapshot"))["you"] is None


@story
async def test_a_guest_who_signs_out_loses_the_connection(lone_server: ServerProcess, waiting_game: Game) -> None:
    guest = await in_store(_guest)()
    async with Table(lone_server, waiting_game) as table:
        client = await table.seat(guest)
        assert await asyncio.to_thread(guest.post, lone_server, "/accounts/logout/") == 302
        assert await client.closed() == 4401


@story
async def test_a_guest_whose_row_is_deleted_loses_the_connection(
    lone_server: ServerProcess, waiting_game: Game
) -> None:
    guest = await in_store(_guest)()
    async with Table(lone_server, waiting_game) as table:
        client = await table.seat(guest)
        await in_store(_delete)(guest)
        assert await client.closed() == 4401


def _delete(guest: Person) -> None:
    assert guest.player is not None
    user = guest.player.user
    Player.objects.filter(pk=user.pk).delete()
    user.delete()
