"""Requests that never finish, connections that are never used, and more of them than there are descriptors."""

import asyncio
import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from uvicorn.server import ServerState

from config import http_protocol, server
from config.http_protocol import Phase, http_connection
from tests.hardening import attackers
from tests.support.raw_requests import exchange
from tests.support.servers import ServerProcess, running

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n"


def dial(port: int, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.sendall(sent)
    return connection


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def trickle(connection: socket.socket, data: bytes, every: float) -> threading.Thread:
    """Send byte by byte until that is no longer possible."""

    def send() -> None:
        with contextlib.suppress(OSError):
            for byte in data:
                connection.sendall(bytes([byte]))
                time.sleep(every)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


# --- with a server of its own process, at the true times ---------------------------------------------------------


def test_nobody_holds_a_connection_by_saying_little_or_nothing(
    transactional_db: None, uvicorn_server: ServerProcess
) -> None:
    began = time.monotonic()
    silent, begun = dial(uvicorn_server.port), dial(uvicorn_server.port, b"GET / HTTP/1.1\r\n" + HOST)
    trickling = dial(uvicorn_server.port)
    thread = trickle(trickling, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100, 0.2)
    kept = dial(uvicorn_server.port, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert rest(kept).startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - began < 8
    assert rest(silent) == b""
    assert rest(begun).startswith(b"HTTP/1.1 408 ")
    assert rest(trickling).startswith(b"HTTP/1.1 408 ")
    assert 9 < time.monotonic() - began < 15
    thread.join()


def test_daphne_waits_for_nobody_for_ever(tmp_path: Path, transactional_db: None, test_database_url: str) -> None:
    with running("run", tmp_path, DATABASE_URL=test_database_url) as server:
        began = time.monotonic()
        silent, trickling = dial(server.port), dial(server.port, POST)
        thread = trickle(trickling, b"x" * 900, 0.1)
        assert rest(silent) == rest(trickling) == b""
        assert 19 < time.monotonic() - began < 30
        thread.join()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"X-Long: " + b"a" * 9_000 + b"\r\n", b"431"),
        (b"".join(b"X-%d: a\r\n" % number for number in range(200)), b"431"),
        (b"X-Odd: \x01\r\n", b"400"),
        (b"X-Endless: " + b"a" * 300_000 + b"\r\n", b"400"),
    ],
    ids=["a long line", "many lines", "an odd value", "without end"],
)
def test_a_handshake_with_too_large_headers_is_answered(
    transactional_db: None, uvicorn_server: ServerProcess, headers: bytes, status: bytes
) -> None:
    request = attackers.handshake(f"{uvicorn_server.url}/ws/lobby/")[:-2] + headers + b"\r\n"
    assert exchange(uvicorn_server.port, request)[9:12] == status
    assert "Traceback" not in uvicorn_server.log


@pytest.fixture
def small_server(tmp_path: Path, test_database_url: str, transactional_db: None) -> Iterator[ServerProcess]:
    """A server that may open a hundred descriptors more than it has."""
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url) as server:
        assert server.get("/") == 200
        used = len(os.listdir(f"/proc/{server.pid}/fd"))
        hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 100, hard))
        yield server
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (hard, hard))


def test_connections_that_wait_make_room_for_those_that_ask(small_server: ServerProcess) -> None:
    idle = [dial(small_server.port, b"GET / HT") for _ in range(150)]
    assert [small_server.get("/") for _ in range(5)] == [200] * 5
    for connection in idle:
        connection.close()
    assert len(small_server.log.splitlines()) < 20


def test_without_a_descriptor_there_is_a_503_until_there_is_one(small_server: ServerProcess) -> None:
    sockets = []
    answer = b"101"
    while answer == b"101":
        sockets.append(dial(small_server.port, attackers.handshake(f"{small_server.url}/ws/lobby/")))
        answer = sockets[-1].recv(65536)[9:12]
    assert answer == b"503"
    assert small_server.get("/") == 503
    for connection in sockets:
        connection.close()
    end = time.monotonic() + 10
    while small_server.get("/") != 200:
        assert time.monotonic() < end
    assert len(small_server.log.splitlines()) < 20


def test_a_server_that_could_accept_nobody_accepts_again(small_server: ServerProcess) -> None:
    most = resource.prlimit(small_server.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(small_server.pid, resource.RLIMIT_NOFILE, (10, most[1]))
    refused = [dial(small_server.port) for _ in range(10)]
    time.sleep(0.5)
    resource.prlimit(small_server.pid, resource.RLIMIT_NOFILE, most)
    assert small_server.get("/") == 200
    for connection in refused:
        connection.close()
    assert len(small_server.log.splitlines()) < 20


# --- in this process, with less patience -------------------------------------------------------------------------


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the length of the body; `/early` before there is one, `/large` with 30 MB."""
    length, message = 0, {"more_body": scope["path"] == "/"}
    while message["more_body"]:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
    body = b"x" * 30_000_000 if scope["path"] == "/large" else b"%d" % length
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def impatient_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server that waits half a second for everything."""
    monkeypatch.setattr(http_protocol, "WITHIN", dict.fromkeys(Phase, 0.5))
    monkeypatch.setattr(http_protocol, "STALLED_AFTER", 0.5)
    config = server.config("127.0.0.1", 1, "")
    config.load()
    config.loaded_app = application  # type: ignore[assignment]  # an application, typed loosely
    loop, state = asyncio.new_event_loop(), ServerState()
    make: Callable[[], Any] = lambda: http_connection(config=config, server_state=state, app_state={})  # noqa: E731
    listener = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield listener.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    listener.close()
    assert not state.connections
    loop.close()


def test_a_body_that_never_ends(impatient_port: int) -> None:
    connection = dial(impatient_port, POST)
    thread = trickle(connection, b"x" * 900, 0.02)
    assert rest(connection).startswith(b"HTTP/1.1 408 ")
    thread.join()


def test_a_body_that_goes_on_after_the_answer(impatient_port: int) -> None:
    connection = dial(impatient_port, POST.replace(b"/ ", b"/early "))
    thread = trickle(connection, b"x" * 900, 0.02)
    assert rest(connection).startswith(b"HTTP/1.1 200 ")
    thread.join()


def test_an_answer_that_nobody_reads(impatient_port: int) -> None:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", impatient_port))
    connection.sendall(b"GET /large HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    time.sleep(1.5)
    assert len(rest(connection)) < 30_000_000


def test_requests_one_after_the_other_have_each_their_time(impatient_port: int) -> None:
    connection = dial(impatient_port)
    for _ in range(4):
        connection.sendall(POST)
        time.sleep(0.2)
        connection.sendall(b"x" * 1000)
        answer = b""
        while not answer.endswith(b"1000"):
            answer += connection.recv(65536)
    connection.sendall(POST + b"x" * 1000 + POST + b"x" * 1000)
    assert rest(connection).count(b"HTTP/1.1 200 ") == 2
