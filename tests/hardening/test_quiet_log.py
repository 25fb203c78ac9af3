"""Nobody can write lines into the log at will: what strangers provoke is counted instead."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.raw_requests import CLOSE, HOST, REQUESTS, UPGRADE, exchange, request
from tests.support.servers import running
from tests.support.stores import new_sqlite

FORM = b"Content-Type: application/x-www-form-urlencoded"
PROVOCATIONS = {
    **REQUESTS,
    "no CSRF token": request(b"POST /accounts/login/ HTTP/1.1", HOST, FORM, CLOSE, b"Content-Length: 3", body=b"a=b"),
    "a foreign Origin": request(b"POST /accounts/login/ HTTP/1.1", HOST, FORM, CLOSE, b"Origin: https://evil.example",
                                b"Content-Length: 3", body=b"a=b"),
    "a foreign Host": request(b"GET /accounts/login/ HTTP/1.1", b"Host: evil.example", CLOSE),
    "a Host that is none": request(b"GET /accounts/login/ HTTP/1.1", b"Host: a b\xff", CLOSE),
    "another upgrade": request(b"GET / HTTP/1.1", HOST, b"Connection: Upgrade, close", b"Upgrade: foo"),
    "no such page": request(b"GET /nothing/ HTTP/1.1", HOST, CLOSE),
    "no such method": request(b"PUT /accounts/login/ HTTP/1.1", HOST, CLOSE),
    "a method that is no ASCII": request(b"G\xc3\x8bT / HTTP/1.1", HOST, CLOSE),
    "an address that is no ASCII": request(b"GET /\xc3\x8b HTTP/1.1", HOST, CLOSE),
    "a name of a header that is no ASCII": request(b"GET / HTTP/1.1", HOST, b"X-\xc3\x8b: a", CLOSE),
    "a subprotocol that is no ASCII": request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2], b"Origin: http://127.0.0.1",
                                              b"Sec-WebSocket-Protocol: \xc3\x8b"),
    "a header of a socket that is no ASCII": request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2], b"X-A: \xc3\x8b",
                                                     b"Origin: http://127.0.0.1"),
    "a body that is too big": request(b"POST / HTTP/1.1", HOST, CLOSE, b"Content-Length: 99999999"),
    "a form that is none": request(b"POST /accounts/login/ HTTP/1.1", HOST, CLOSE, b"Content-Length: 3",
                                   b"Content-Type: multipart/form-data", body=b"a=b"),
}  # fmt: skip
COUNTED = {"csrf": 2, "host": 1, "status 404": 1, "body": 1}
"""At least so often, by kind, on both servers."""


@pytest.mark.parametrize("kind", ["uvicorn", "run"])
@pytest.mark.parametrize("debug", ["false", "true"])
def test_strangers_write_no_line(kind: str, debug: str, tmp_path: Path, transactional_db: None) -> None:
    url = new_sqlite(tmp_path / "site.sqlite3")
    with running(kind, tmp_path, DEBUG=debug, DATABASE_URL=url) as server:
        with ThreadPoolExecutor(8) as threads:  # some are answered by silence
            list(threads.map(lambda sent: exchange(server.port, sent, within=1), PROVOCATIONS.values()))
        figures = exchange(server.port, request(b"GET /metrics HTTP/1.1", HOST, CLOSE)).decode()
    written = [line for line in server.log.splitlines() if " INFO " not in line and not line.startswith("Fourline ")]
    assert not written
    counted = {name: float(count) for name, count in re.findall(r'strange_requests_total{kind="(.+)"} (\S+)', figures)}
    expected = {**COUNTED, **({"upgrade": 1, "http": 1} if kind == "uvicorn" else {})}
    assert all(counted.get(name, 0) >= count for name, count in expected.items()), counted
