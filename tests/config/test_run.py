"""``manage.py run``, as a real process: what `make run` serves."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.processes import PATIENCE, Process, environment, free_port, manage, outcome, running, status


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[Process]:
    with running(manage("run"), environment(tmp_path, PORT=str(port))) as process:
        assert process.line() == f"Fourline is at http://127.0.0.1:{port} (Ctrl-C ends it)"
        yield process


def until_it_listens(port: int) -> None:
    """Wait for a server that does not say when it does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)


def until_closed(connection: ClientConnection) -> list[str]:
    """The types of all that is said on a connection until the other side closes it."""
    heard = []
    with suppress(ConnectionClosed):
        while True:
            heard.append(json.loads(connection.recv(timeout=PATIENCE))["type"])
    return heard


def test_it_serves_pages_static_files_and_sockets_and_ends_quietly(server: Process, port: int, tmp_path: Path) -> None:
    assert (tmp_path / "fourline.sqlite3").exists()
    assert status(f"http://127.0.0.1:{port}/") == 200
    assert status(f"http://127.0.0.1:{port}/static/css/tokens.css") == 200
    for missing in ("/no/such/page/", "/static/no/such.js", "/static/%2e%2e/manage.py"):
        assert status(f"http://127.0.0.1:{port}{missing}") == 404, missing
    with connect(f"ws://127.0.0.1:{port}/ws/games/A9F3QX/") as games:
        assert json.loads(games.recv(timeout=10))["code"] == "game_not_found"
    server.interrupt()
    assert server.ended() == 0
    assert [line for line in server.errors if "Not Found: /" not in line] == []
    with socket.create_server(("127.0.0.1", port)):
        pass  # the port is free


@pytest.mark.parametrize("end", [Process.interrupt, Process.terminate])
def test_who_is_connected_hears_that_the_server_goes(server: Process, port: int, end) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws/lobby/") as lobby:
        assert json.loads(lobby.recv(timeout=10))["type"] == "lobby_snapshot"
        end(server)
        heard = until_closed(lobby)
    assert "server_restarting" in heard
    assert lobby.close_code == 4012
    assert server.ended() == 0
    assert server.errors == []


def test_djangos_own_command_serves_sockets_too(tmp_path: Path, port: int) -> None:
    env = environment(tmp_path)
    assert outcome(manage("prepare"), env)[0] == 0
    with running(manage("runserver", "--noreload", str(port)), env):
        until_it_listens(port)
        with connect(f"ws://127.0.0.1:{port}/ws/lobby/") as lobby:
            assert json.loads(lobby.recv(timeout=10))["type"] == "lobby_snapshot"


def test_a_foreign_host_is_refused(server: Process, port: int) -> None:
    assert status(f"http://127.0.0.1:{port}/", host="elsewhere.example") == 400


def test_on_the_local_network_it_says_the_address_and_lets_it_in(tmp_path: Path, port: int) -> None:
    with running(manage("run"), environment(tmp_path, PORT=str(port), HOST="0.0.0.0")) as process:
        address = process.line().removeprefix("Fourline is at ").removesuffix(" (Ctrl-C ends it)")
        assert "0.0.0.0" not in address
        assert status(address) == 200


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, printed, errors = outcome(manage("run"), environment(tmp_path, PORT=str(port)))
    assert (code, printed) == (1, "")
    assert errors == [
        f"fourline: cannot listen on 127.0.0.1 port {port}: Address already in use."
        f" Another one: PORT={port + 1} make run"
    ]


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("PORT", "eight", "PORT must be a whole number"),
        ("PORT", "65536", "PORT must be a whole number"),
        ("HOST", "no.such.host.invalid", "HOST=no.such.host.invalid"),
        ("HOST", "192.0.2.1", "cannot listen on 192.0.2.1"),
        ("DATABASE_URL", "mysql://127.0.0.1/x", "DATABASE_URL must be"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing", "the database does not answer"),
        ("PUBLIC_URL", "fourline.example", "PUBLIC_URL must look like"),
    ],
)
def test_what_is_set_but_wrong_is_one_line(tmp_path: Path, name: str, value: str, part: str) -> None:
    code, printed, errors = outcome(manage("run"), environment(tmp_path, **{"PORT": str(free_port()), name: value}))
    assert (code, printed, len(errors)) == (1, "", 1), errors
    assert errors[0].startswith("fourline: ")
    assert part in errors[0]


def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # root may write into any folder, but not make one under a file
    code, _, errors = outcome(manage("run"), environment(tmp_path / "file" / "folder"))
    assert (code, len(errors)) == (1, 1), errors
    assert "cannot write to" in errors[0]


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "fourline.sqlite3").write_text("This is no database, whatever its name says." * 100)
    code, _, errors = outcome(manage("run"), environment(tmp_path))
    assert (code, len(errors)) == (1, 1), errors
    assert errors[0].startswith("fourline: the database does not answer: ")
