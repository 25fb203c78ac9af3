"""Whoever leaves, in whatever way, leaves nothing behind in the server."""

import asyncio
import contextlib
import subprocess
import sys
import urllib.request

import websockets

from games.models import Game
from tests.support.people import Person
from tests.support.servers import ROOT, ServerProcess
from tests.support.stories import story

CONNECTIONS = 40


def _figures(server: ServerProcess) -> dict[str, float]:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


async def _settles(server: ServerProcess, connections: int, live_games: float | None = None) -> float:
    """Wait for so many connections and live games at most; how many of these there are."""
    async with asyncio.timeout(60):
        while True:
            figures = await asyncio.to_thread(_figures, server)
            live = figures["fourline_live_games"]
            if figures["fourline_connections"] == connections and (live_games is None or live <= live_games):
                return live
            await asyncio.sleep(0.05)


@story
async def test_nothing_is_left_of_connections_that_ended(
    server: ServerProcess, game: Game, waiting_game: Game, alice: Person, nobody: Person
) -> None:
    kept = await _settles(server, 0)  # games by the clock of tests before this one
    for number in range(CONNECTIONS):
        person, where = (alice, nobody)[number % 2], (game, waiting_game, "ZZZZZZ")[number % 3]
        client = await person.at(server, where).__aenter__()
        match number % 4:
            case 0:
                await client.connection.close()
            case 1:
                client.connection.transport.abort()  # without a word, before its first snapshot was read
            case 2:
                with contextlib.suppress(websockets.ConnectionClosed):  # by the server, where there is no game
                    await client.say("play_move", column=number % 7, ply=1)
                client.connection.transport.abort()  # before it could hear of its move
            case 3:
                await client.hear()
                await client.connection.close()
    kept = await _settles(server, 0, kept)
    async with alice.at(server, game) as client:
        await client.hear("snapshot")
        assert await _settles(server, 1, kept + 1) >= 1
    await _settles(server, 0, kept)


def test_only_daphne_loads_what_daphne_needs() -> None:
    """9 MB and a twentieth of the start of every process of ours."""
    ours = "import sys, config.asgi, config.server; print({'autobahn', 'twisted', 'OpenSSL'} & sys.modules.keys())"
    # A client that has gone is Daphne's own error, also where our sockets were loaded before Daphne's library.
    theirs = (
        "import config.asgi; from games.sockets.sending import lost; assert len(lost()) == 2;"
        " from autobahn.exception import Disconnected; print(Disconnected in lost())"
    )
    for script, printed in ((ours, "set()"), (theirs, "True")):
        command = [
            sys.executable,
            "-c",
            f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; {script}",
        ]
        assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == printed
