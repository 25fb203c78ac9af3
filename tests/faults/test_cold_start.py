"""Everybody at once, at a server that has served nobody yet: all are answered, and the sockets play."""

import asyncio
import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from games.models import Player
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import player, store_game
from tests.support.wire import Client, sign_in

CALLS = 50
GAMES = 10
"""Two sockets each."""
PEOPLE = 10
CSRF = "c" * 32
STARTS = {"uvicorn": 10, "daphne": 10, "run": 3} if IS_WHOLE else {"uvicorn": 2, "daphne": 2, "run": 1}
"""How often each server is started anew. What went wrong here once went wrong at most starts."""
COMPLAINTS = ("WARNING", "ERROR", "Traceback")


def make_game(server: ServerProcess, session: str) -> int:
    """The status of ``POST /api/games/``."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    cookies = f"sessionid={session}; csrftoken={CSRF}"
    headers = {"Cookie": cookies, "X-CSRFToken": CSRF, "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/games/", json.dumps({"visibility": "private"}), headers)
        return connection.getresponse().status
    finally:
        connection.close()


async def storm(server: ServerProcess, games: list[str], sessions: list[str]) -> tuple[Counter[int], Counter[str]]:
    """Calls and connections at once, a move with them and one after them; statuses, and what the sockets heard."""
    loop, heard = asyncio.get_running_loop(), Counter[str]()

    async def take_seat(stack: AsyncExitStack, game_id: str, seat: int) -> Client:
        client = await stack.enter_async_context(Client(server.ws_url, f"/ws/games/{game_id}/", sessions[seat]))
        if seat == 0:
            answer = await client.play(3, 1)
            heard[answer.get("code", answer["type"])] += 1
        return client

    with ThreadPoolExecutor(CALLS) as callers:
        async with AsyncExitStack() as stack:
            calls = [loop.run_in_executor(callers, make_game, server, sessions[n % PEOPLE]) for n in range(CALLS)]
            seats = [take_seat(stack, game_id, seat) for game_id in games for seat in (0, 1)]
            clients = await asyncio.gather(*seats)
            statuses = Counter(await asyncio.gather(*calls))
            for second in clients[1::2]:
                answer = await second.play(3, 2)
                heard[answer.get("code", answer["type"])] += 1
    return statuses, heard


@pytest.mark.parametrize(("kind", "starts"), STARTS.items(), ids=STARTS)
def test_many_at_once_at_a_cold_server(
    kind: str, starts: int, transactional_db: None, test_database_url: str, tmp_path: Path
) -> None:
    people: list[Player] = [player(f"player{number}") for number in range(PEOPLE)]
    sessions = [sign_in(person.user) for person in people]
    limits = {"WAITING_GAMES_PER_USER": "1000", "SOCKETS_PER_USER": "1000"}
    # What a fork finds loaded, the first of these callers would load.
    server = ServerProcess(kind, tmp_path, forked=False, DATABASE_URL=test_database_url, **limits)
    for _ in range(starts):
        games = [store_game(people[0], people[1]).pk for _ in range(GAMES)]
        server.start()
        try:
            statuses, heard = asyncio.run(storm(server, games, sessions))
        finally:
            server.kill()
        assert statuses == {201: CALLS}
        assert heard == {"move_played": 2 * GAMES}
    assert not [line for line in server.log.splitlines() if any(sign in line for sign in COMPLAINTS)]
