"""Nobody can write lines into the log at will: what strangers provoke is counted instead."""

import asyncio
import gc
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import RequestAborted

from config.log_filters import RefusedRequests
from games.metrics import figures
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
        metrics = exchange(server.port, request(b"GET /metrics HTTP/1.1", HOST, CLOSE)).decode()
    written = [line for line in server.log.splitlines() if " INFO " not in line and not line.startswith("Fourline ")]
    assert not written
    counted = {name: float(count) for name, count in re.findall(r'strange_requests_total{kind="(.+)"} (\S+)', metrics)}
    expected = {**COUNTED, **({"upgrade": 1, "http": 1} if kind == "uvicorn" else {})}
    assert all(counted.get(name, 0) >= count for name, count in expected.items()), counted


@pytest.mark.parametrize(("error", "is_written"), [(RequestAborted, False), (ValueError, True)])
def test_who_leaves_while_an_answer_is_sent_writes_no_line(
    error: type[Exception], is_written: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Daphne then leaves a task of Django's to itself, and asyncio logs how that has ended."""

    async def listen() -> None:
        raise error

    async def leave() -> None:
        task = asyncio.ensure_future(listen())
        await asyncio.sleep(0)
        assert task.done()

    before = figures.strangers["gone"]
    with caplog.at_level(logging.ERROR, "asyncio"):
        asyncio.run(leave())
        gc.collect()
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is error
    assert RefusedRequests().filter(record) is is_written
    assert (figures.strangers["gone"] > before) is not is_written
