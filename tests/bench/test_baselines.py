"""The servers that Fourline is compared with play legal games, and the load client notices one that doesn't."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench import client
from bench.candidates import candidates
from bench.servers import Server
from games.rules.board import Position

pytestmark = pytest.mark.needs("cc", "timeout")


@pytest.fixture(autouse=True)
def _compiled() -> None:
    client.compile_client()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["websockets", "textbook"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    server = Server(candidates({})[request.param], tmp_path, free_port(), "asyncio")
    server.start()
    yield server
    server.stop()


Enter = Callable[[str], tuple[ClientConnection, dict]]


@pytest.fixture
def enter(server: Server) -> Iterator[Enter]:
    """Connects as one line of a plan says, and returns the connection and its snapshot."""
    with ExitStack() as connections:

        def connected(line: str) -> tuple[ClientConnection, dict]:
            path, cookie = line.split()
            address = f"127.0.0.1:{server.port}"
            connection = connections.enter_context(
                connect(
                    f"ws://{address}{path}",
                    origin=Origin(f"http://{address}"),
                    additional_headers={} if cookie == "-" else {"Cookie": cookie},
                    subprotocols=[Subprotocol("fourline.v1")],
                )
            )
            return connection, json.loads(connection.recv(timeout=5))

        yield connected


def ask(connection: ClientConnection, column: int, ply: int) -> dict:
    connection.send(json.dumps({"type": "play_move", "column": column, "ply": ply}))
    return json.loads(connection.recv(timeout=5))


def test_complete_games_without_an_error(server: Server) -> None:
    report = client.run("play", server.pids, server.port, server.plan(6), games=3, seconds=60)
    assert report["errors"] == 0, report["first_error"]
    assert report["games_finished"] >= 4  # it stops when there is none to replace one that ended
    assert report["moves"] >= 4 * 7


def test_a_game_is_played_by_the_rules(server: Server, enter: Enter) -> None:
    first, second = server.plan(1)
    alice, snapshot = enter(first)
    bob, _ = enter(second)
    charlie, watched = enter(first.split()[0] + " -")
    assert (snapshot["you"], watched["you"]) == (1, None)
    columns = [3, 0, 3, 0, 3, 0, 3]
    for ply, column in enumerate(columns, start=1):
        mover = (alice, bob)[(ply - 1) % 2]
        event = ask(mover, column, ply)
        position = Position.from_columns(columns[:ply])
        assert (event["type"], event["ply"], event["column"]) == ("move_played", ply, column)
        assert event["legalColumns"] == position.legal_columns
        for other in {alice, bob, charlie} - {mover}:
            assert json.loads(other.recv(timeout=5)) == event
    assert event["outcome"] == {
        "winner": 1,
        "reason": "four_in_a_row",
        "line": [[3, 0], [3, 1], [3, 2], [3, 3]],
    }


def test_illegal_moves_are_refused(server: Server, enter: Enter) -> None:
    first, second = server.plan(1)
    alice, _ = enter(first)
    bob, _ = enter(second)
    charlie, _ = enter(first.split()[0] + " -")
    assert ask(bob, 3, 1)["code"] == "not_your_turn"
    assert ask(charlie, 3, 1)["code"] == "not_a_participant"
    assert ask(alice, 3, 2)["code"] == "wrong_ply"
    assert ask(alice, 7, 1)["code"] == "no_such_column"
    for ply in range(1, 7):
        mover, other = (alice, bob) if ply % 2 else (bob, alice)
        assert ask(mover, 3, ply)["row"] == ply - 1
        other.recv(timeout=5)
    assert ask(alice, 3, 7)["code"] == "column_full"


def test_the_fan_out_reaches_every_spectator(server: Server) -> None:
    players = server.plan(1)
    watching = [players[0].split()[0] + " -"] * 20
    report = client.run("fanout", server.pids, server.port, players + watching, moves=5)
    assert (report["errors"], report["moves"], report["connections"]) == (0, 5, 22), report["first_error"]


def test_a_move_is_timed_at_a_fixed_rate(server: Server) -> None:
    report = client.run("play", server.pids, server.port, server.plan(20), games=20, seconds=1, rate=20)
    assert report["errors"] == 0, report["first_error"]
    assert 10 <= report["moves"] <= 21


class Stub:
    """A server for one game, with a fault.

    Args:
        shift: how many columns beside the one asked for it says that a disc fell.
        stall: seconds that it takes over the first move.
    """

    def __init__(self, shift: int = 0, stall: float = 0.0) -> None:
        self._shift = shift
        self._stall = stall
        self._players: dict[int, ServerConnection] = {}
        self._position = Position.start()

    async def handle(self, connection: ServerConnection) -> None:
        seat = 1 if connection.request and "seat=1" in connection.request.headers.get("Cookie", "") else 2
        self._players[seat] = connection
        await connection.send(json.dumps({"type": "snapshot", "game": {"moves": [], "turn": 1}, "you": seat}))
        with suppress(ConnectionClosed):
            async for text in connection:
                await self._play(seat, json.loads(text))

    async def _play(self, seat: int, move: dict) -> None:
        if move["ply"] == 1:
            await asyncio.sleep(self._stall)
        self._position = self._position.play(move["column"])
        event = {
            "type": "move_played",
            "ply": move["ply"],
            "column": (move["column"] + self._shift) % 7,
            "participant": seat,
            "outcome": {} if self._position.is_over else None,
        }
        for player in self._players.values():
            await player.send(json.dumps(event))


def play_on(stub: Stub, **options: float) -> client.Report:
    """Run the load client, with one game, on a stub in a thread of this process."""
    port, listening, stop = free_port(), threading.Event(), threading.Event()

    async def run() -> None:
        async with serve(stub.handle, "127.0.0.1", port):
            listening.set()
            await asyncio.to_thread(stop.wait, 20)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert listening.wait(5)
    try:
        plan = ["/ws/games/STUB00/ seat=1", "/ws/games/STUB00/ seat=2"]
        return client.run("play", [os.getpid()], port, plan, games=1, **options)
    finally:
        stop.set()
        thread.join(10)


def test_the_client_notices_a_server_that_plays_other_moves() -> None:
    report = play_on(Stub(shift=1), seconds=0.5)
    assert report["errors"] > 0
    assert "another column" in report["first_error"]


def test_moves_that_a_stall_held_up_count_from_when_they_were_due() -> None:
    report = play_on(Stub(stall=1.0), seconds=1.5, rate=20)
    assert report["errors"] == 0, report["first_error"]
    # Twenty moves fell due during the stall; timed from when they were sent, all but one would look fast.
    assert report["p50_ms"] > 200
    assert report["max_ms"] > 800
