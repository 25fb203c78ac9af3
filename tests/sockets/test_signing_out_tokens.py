"""Whoever came with a token is signed out with its family, in whatever process the connection is."""

import asyncio
import http.client
import json
from collections.abc import Callable

import pytest

from games.access import families
from games.models import Game
from lobby.accounts.views import sign_out_everywhere
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import in_store, story


class Program:
    """Signed in as somebody by a family of tokens of its own."""

    def __init__(self, person: Person) -> None:
        refresh = families.begin(person.player.user)
        self.user = person.player.user
        self.refresh, self.access = str(refresh), str(refresh.access_token)

    def at(self, server: ServerProcess, game: Game) -> object:
        headers = {"Authorization": f"Bearer {self.access}"}
        return Person().at(server, game, origin=None, additional_headers=headers)

    def post(self, server: ServerProcess, path: str, refresh: str = "") -> dict[str, str]:
        """Send a refresh token somewhere; the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            body = json.dumps({"refresh": refresh or self.refresh})
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read() or b"{}")
        finally:
            connection.close()

    def renew(self, server: ServerProcess) -> None:
        """Get the next pair."""
        answer = self.post(server, "/api/token/refresh/")
        self.refresh, self.access = answer["refresh"], answer["access"]


def _revoke(program: Program, server: ServerProcess) -> None:
    program.post(server, "/api/token/revoke/")


def _use_twice(program: Program, server: ServerProcess) -> None:
    used = program.refresh
    program.renew(server)
    program.post(server, "/api/token/refresh/", used)


def _sign_out_everywhere(program: Program, server: ServerProcess) -> None:
    sign_out_everywhere.end_all(program.user)


def _deactivate(program: Program, server: ServerProcess) -> None:
    type(program.user).objects.filter(pk=program.user.pk).update(is_active=False)


def _change_password(program: Program, server: ServerProcess) -> None:
    type(program.user).objects.filter(pk=program.user.pk).update(password="!another")


@pytest.mark.parametrize("end", [_revoke, _use_twice, _sign_out_everywhere, _deactivate, _change_password])
def test_connections_end_with_their_family_in_every_process(
    uvicorn_server: ServerProcess, daphne_server: ServerProcess, game: Game, alice: Person,
    end: Callable[[Program, ServerProcess], None],
) -> None:  # fmt: skip
    program = Program(alice)

    @story
    async def run() -> None:
        async with Table(uvicorn_server, game) as here, Table(daphne_server, game) as there:
            clients = [await here.seat(program), await there.seat(program)]
            await in_store(end)(program, uvicorn_server)
            for client in clients:
                assert (await client.hear("error"))["code"] == "unauthenticated"
                assert await client.closed() == 4401
            for server in (uvicorn_server, daphne_server):
                async with program.at(server, game) as refused:
                    assert (await refused.hear())["code"] == "unauthenticated"
                    assert await refused.closed() == 4401

    run()


@story
async def test_renewing_ends_nothing_and_revoking_ends_one_sign_in(
    lone_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    program, other = await in_store(Program)(alice), await in_store(Program)(alice)
    async with Table(lone_server, game) as table:
        first = await table.seat(program)
        await asyncio.to_thread(program.renew, lone_server)
        second = await table.seat(program)
        clients = [await table.seat(other), await table.seat(alice), await table.seat(bob)]
        await asyncio.to_thread(_revoke, program, lone_server)
        for client in (first, second):
            assert await client.closed() == 4401
        assert (await clients[0].play(3, 1))["type"] == "move_played"
        for client in clients[1:]:
            assert (await client.hear("move_played"))["ply"] == 1


@story
async def test_signing_out_everywhere_ends_every_connection_of_that_person_and_no_other(
    uvicorn_server: ServerProcess, daphne_server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    program = await in_store(Program)(alice)
    async with Table(uvicorn_server, game) as here, Table(daphne_server, game) as there:
        clients = [await here.seat(alice), await there.seat(alice), await here.seat(program)]
        other = await there.seat(bob)
        status = await asyncio.to_thread(alice.post, uvicorn_server, "/accounts/logout/everywhere/")
        assert status == 302
        for client in clients:
            assert (await client.hear("error"))["code"] == "unauthenticated"
            assert await client.closed() == 4401
        assert (await other.refused("play_move", column=3, ply=1)) == "not_your_turn"
