"""Bodies of requests: bounded on every path however they are sent, and never ignored."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from games.models import Game
from lobby.models import User
from tests.support.callers import PASSWORD
from tests.support.people import Person, token_of
from tests.support.raw_requests import exchange
from tests.support.servers import ServerProcess, running
from tests.support.wire import sign_in

LIMIT = 64 * 1024
PATHS = ["/api/token/", "/api/games/", "/api/nothing/", "/", "/accounts/login/", "/admin/login/", "/nowhere/",
         "/healthz", "/static/css/base.css"]  # fmt: skip


@pytest.fixture(scope="module", params=["uvicorn", "run"])
def site(request: pytest.FixtureRequest, test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """What `make serve` and `make run` start."""
    with running(request.param, tmp_path_factory.mktemp(request.param), DATABASE_URL=test_database_url) as server:
        yield server


def post(path: str, body: bytes, *headers: str, framing: str | None = None) -> bytes:
    """A request as bytes; with a Content-Length unless another ``framing`` is given."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Connection: close",
        *headers,
    ]
    lines.append(f"Content-Length: {len(body)}" if framing is None else framing)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def ask(port: int, sent: bytes) -> bytes:
    """What a server answers, read up to its length: a refused client has some time to go on sending."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection, connection.makefile("rb") as reader:
        connection.sendall(sent)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline()
            assert line, head
            head += line
        length = re.search(rb"\ncontent-length: (\d+)\r", head, re.IGNORECASE)
        assert length, head
        assert b"connection: close" in head.lower()
        return head + reader.read(int(length[1]))


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    assert found, answer[:200]
    return int(found[1])


def assert_refused(answer: bytes, path: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status(answer) == 413, answer[:300]
    assert b"content-security-policy:" in head.lower()
    if path.startswith("/api/"):
        assert json.loads(body) == {"code": "invalid_request", "message": "The body is larger than 65536 bytes."}
    else:
        assert b"<h1>That was more than this site takes</h1>" in body


# --- size -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_an_announced_body_is_refused_unread(site: ServerProcess, path: str) -> None:
    assert_refused(ask(site.port, post(path, b"", framing=f"Content-Length: {LIMIT + 1}")), path)


@pytest.mark.parametrize("path", PATHS)
def test_a_chunked_body_is_refused_once_it_is_too_big(site: ServerProcess, path: str) -> None:
    body = chunked(*[b"x" * 1024] * 65, end=b"")
    assert_refused(ask(site.port, post(path, body, framing="Transfer-Encoding: chunked")), path)


def test_a_client_that_waits_for_leave_sends_nothing(site: ServerProcess) -> None:
    sent = post("/api/token/", b"", "Expect: 100-continue", framing="Content-Length: 31457280")
    answer = exchange(site.port, sent)
    assert_refused(answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"), "/api/token/")


def test_a_body_of_the_largest_size_is_read(site: ServerProcess, transactional_db: None) -> None:
    body = b'{"username": "%s", "password": "p"}' % (b"x" * (LIMIT - 33))
    assert len(body) == LIMIT
    for sent in (post("/api/token/", body), post("/api/token/", chunked(body), framing="Transfer-Encoding: chunked")):
        answer = exchange(site.port, sent)
        assert status(answer) == 400
        assert b"username:" in answer


@pytest.mark.parametrize("framing", ["Content-Length: 31457280", "Transfer-Encoding: chunked"])
def test_memory_stays_flat_under_thirty_megabytes(site: ServerProcess, framing: str) -> None:
    exchange(site.port, post("/api/token/", b"{}"))
    site_before = peak_of(site)
    attackers = [threading.Thread(target=send_thirty_megabytes, args=(site.port, framing)) for _ in range(4)]
    for attacker in attackers:
        attacker.start()
    for attacker in attackers:
        attacker.join()
    assert site.get("/healthz") == 200
    assert peak_of(site) - site_before < 16 * 1024 * 1024


def send_thirty_megabytes(port: int, framing: str) -> None:
    """As much of it as the server takes."""
    body = b'{"a":[' + b"[]," * (10 * 1024 * 1024)
    part = body[:65536]
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(post("/api/token/", b"", framing=framing))
            for start in range(0, len(body), len(part)):
                piece = body[start : start + len(part)]
                connection.sendall(chunked(piece, end=b"") if "chunked" in framing else piece)
        except (ConnectionError, TimeoutError):
            return
    raise AssertionError("all thirty megabytes were taken")


def peak_of(server: ServerProcess) -> int:
    """The largest memory that it ever used, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def test_a_limit_of_the_operators(test_database_url: str, tmp_path: Path) -> None:
    with running("uvicorn", tmp_path, DATABASE_URL=test_database_url, MAX_BODY_BYTES="2048") as server:
        assert status(exchange(server.port, post("/api/token/", b"x" * 2049))) == 413
        assert status(exchange(server.port, post("/api/token/", b"x" * 2048))) == 400


# --- depth ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [9, 100, 900, 990, 20_000])
@pytest.mark.parametrize("field", ["visibility", "firstMove", "other"])
def test_a_deep_body(alice: Person, depth: int, field: str) -> None:
    client = APIClient(raise_request_exception=False, headers={"authorization": f"Bearer {token_of(alice)}"})
    body = f'{{"{field}":{"[" * depth}{"]" * depth}}}'
    answer = client.generic("POST", "/api/games/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


# --- framing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [[b'{"visibility":"private"}'], [b'{"visi', b'bility":"priv', b'ate"}']])
def test_a_chunked_body_counts(site: ServerProcess, alice: Person, parts: list[bytes]) -> None:
    sent = as_alice(alice, chunked(*parts), "Transfer-Encoding: chunked")
    assert status(exchange(site.port, sent)) == 201
    assert Game.objects.get().visibility == "private"


def test_a_chunked_body_counts_on_plain_daphne_too(daphne_server: ServerProcess, alice: Person) -> None:
    sent = as_alice(alice, chunked(b'{"visibility":"private"}'), "Transfer-Encoding: chunked")
    assert status(exchange(daphne_server.port, sent)) == 201
    assert Game.objects.get().visibility == "private"


def test_a_chunked_body_that_is_wrong_is_refused(site: ServerProcess, alice: Person) -> None:
    for body in (b'{"visibility":"secret"}', b"{", b'{"visibilty":"private"}'):
        sent = as_alice(alice, chunked(body), "Transfer-Encoding: chunked")
        assert status(exchange(site.port, sent)) == 400
    assert not Game.objects.exists()


def test_a_broken_form_is_refused_as_any_other_type(site: ServerProcess, alice: Person) -> None:
    """Twisted, below Daphne, would answer it by itself, without a code."""
    sent = post("/api/games/", b"{}", f"Authorization: Bearer {token_of(alice)}")
    answer = ask(site.port, sent.replace(b"application/json", b"multipart/form-data; boundary=x"))
    assert (status(answer), json.loads(answer.partition(b"\r\n\r\n")[2])["code"]) == (415, "invalid_request")


def test_a_chunked_form_is_read(site: ServerProcess, transactional_db: None) -> None:
    token = "c" * 32
    form = f"username=alice&password=wrong&csrfmiddlewaretoken={token}".encode()
    lines = ["POST /accounts/login/ HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Cookie: csrftoken={token}",
             "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked"]  # fmt: skip
    answer = exchange(site.port, "\r\n".join(lines).encode() + b"\r\n\r\n" + chunked(form[:20], form[20:]))
    assert status(answer) == 200
    assert b'value="alice"' in answer


@pytest.mark.parametrize(
    "framing",
    ["Content-Length: 24\r\nContent-Length: 2", "Content-Length: 2\r\nContent-Length: 24", "Content-Length: 12",
     "Content-Length: -1", "Content-Length: +24", "Content-Length: 24x", "Content-Length: 0x18",
     "Content-Length: 24, 2", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"],
)  # fmt: skip
def test_a_length_that_is_wrong_makes_no_game(site: ServerProcess, alice: Person, framing: str) -> None:
    answer = exchange(site.port, as_alice(alice, b'{"visibility":"private"}', framing), within=3)
    assert not answer or status(answer) in (400, 411, 501)
    assert not Game.objects.exists()


@pytest.mark.parametrize("framing", ["Content-Length: 24\r\nContent-Length: 24", "Content-Length: 24, 24",
                                     "Transfer-Encoding: chunked\r\nContent-Length: 2"])  # fmt: skip
def test_a_length_that_is_doubled_is_refused_or_read(site: ServerProcess, alice: Person, framing: str) -> None:
    body = b'{"visibility":"private"}'
    answer = exchange(site.port, as_alice(alice, chunked(body) if "chunked" in framing else body, framing), within=3)
    made = list(Game.objects.all())
    assert [game.visibility for game in made] == (["private"] if status(answer) == 201 else [])
    assert status(answer) in (201, 400)


def test_a_body_that_stops_half_way_makes_no_game(site: ServerProcess, alice: Person) -> None:
    for framing, body in (("Content-Length: 40", b"{}"), ("Transfer-Encoding: chunked", chunked(b"{}", end=b""))):
        with socket.create_connection(("127.0.0.1", site.port), 5) as connection:
            connection.sendall(as_alice(alice, body, framing))
    assert site.get("/healthz") == 200
    assert not Game.objects.exists()


def as_alice(alice: Person, body: bytes, framing: str) -> bytes:
    return post("/api/games/", body, f"Authorization: Bearer {token_of(alice)}", framing=framing)


# --- what has to go on working ----------------------------------------------------------------------------------


def test_the_largest_form_of_the_admin_fits(site: ServerProcess, transactional_db: None) -> None:
    """Django takes a thousand fields and no more."""
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    token = "c" * 32
    fields = [("csrfmiddlewaretoken", token), ("action", "nothing")]
    form = urlencode(fields + [("_selected_action", str(10**12 + pk)) for pk in range(998)]).encode()
    lines = ["POST /admin/lobby/user/ HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
             f"Cookie: csrftoken={token}; sessionid={sign_in(root)}", f"Content-Length: {len(form)}",
             "Content-Type: application/x-www-form-urlencoded"]  # fmt: skip
    answer = exchange(site.port, "\r\n".join(lines).encode() + b"\r\n\r\n" + form)
    assert status(answer) == 200
    assert b"root@example.org" in answer
