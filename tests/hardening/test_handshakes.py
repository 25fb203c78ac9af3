"""Handshakes that want to be two requests, or none: refused, without a traceback, and the next client is served."""

import pytest

from tests.support.raw_requests import HOST, REQUESTS, UPGRADE, exchange, request
from tests.support.servers import ServerProcess


@pytest.mark.parametrize("name", REQUESTS)
def test_a_strange_request(transactional_db: None, uvicorn_server: ServerProcess, name: str) -> None:
    answer = exchange(uvicorn_server.port, REQUESTS[name], within=1.5)
    assert b"fourline_connections" not in answer, "the second request within the first was answered"
    assert b"Traceback" not in answer
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:200]
    if "socket" in name and "of version" not in name:
        assert b" 101 " not in answer.split(b"\r\n", 1)[0] or name in ("a socket by HTTP/1.0",)
    assert uvicorn_server.get("/healthz") == 200
    assert "Traceback" not in uvicorn_server.log


@pytest.mark.parametrize("cut", [1, 5, 20, 60, 120])
def test_a_request_that_stops_halfway_stops_nobody(
    transactional_db: None, uvicorn_server: ServerProcess, cut: int
) -> None:
    whole = request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2])
    assert exchange(uvicorn_server.port, whole[:cut], within=0.3) == b""
    assert uvicorn_server.get("/healthz") == 200
