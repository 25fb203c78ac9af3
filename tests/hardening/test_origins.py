"""From which pages a socket may be opened in one's name."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from games.access import identity
from tests.support.raw_requests import exchange
from tests.support.servers import running


def is_let_in(origin: str, host: str) -> bool:
    scope = {"headers": [(b"origin", origin.encode()), (b"host", host.encode())]}
    try:
        identity.read_claim(scope)
    except identity.ForeignOrigin:
        return False
    return True


@pytest.fixture
def on_https(settings: LazySettings) -> None:
    """As with PUBLIC_URL=https://fourline.example."""
    settings.IS_HTTPS = True
    settings.CSRF_TRUSTED_ORIGINS = ["https://fourline.example"]
    settings.ALLOWED_HOSTS = ["fourline.example"]


@pytest.mark.parametrize(
    "origin", ["https://fourline.example", "https://fourline.example:443", "https://Fourline.example"]
)
@pytest.mark.parametrize("host", ["fourline.example", "fourline.example:443", "FOURLINE.example"])
def test_on_https_its_own_page(on_https: None, origin: str, host: str) -> None:
    assert is_let_in(origin, host)


@pytest.mark.parametrize("origin", ["http://fourline.example", "http://fourline.example:80", "http://fourline.example:443",
                                    "https://fourline.example:8443", "https://evil.example", "null", "",
                                    "wss://fourline.example",
                                    "https://x@fourline.example", "https://fourline.example:x",
                                    "fourline.example"])  # fmt: skip
@pytest.mark.parametrize("host", ["fourline.example", "fourline.example:443"])
def test_on_https_any_other(on_https: None, origin: str, host: str) -> None:
    assert not is_let_in(origin, host)


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [("http://localhost:8000", "localhost:8000", True), ("http://localhost", "localhost:80", True),
     ("http://localhost:80", "localhost", True), ("https://localhost", "localhost:443", True),
     ("http://[::1]:8000", "[::1]:8000", True), ("http://localhost", "localhost:8000", False),
     ("http://localhost:8001", "localhost:8000", False), ("http://127.0.0.1:8000", "localhost:8000", False),
     ("http://localhost:99999", "localhost:99999", False), ("ftp://localhost", "localhost", False)],
)  # fmt: skip
def test_without_https_ports_count(settings: LazySettings, origin: str, host: str, is_own: bool) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert is_let_in(origin, host) is is_own


def test_behind_a_proxy_on_https(tmp_path: Path, transactional_db: None, test_database_url: str) -> None:
    """A real server whose public address is HTTPS; the proxy in front of it speaks HTTP to it."""
    env = {"PUBLIC_URL": "https://fourline.example", "DATABASE_URL": test_database_url}
    with running("uvicorn", tmp_path, **env) as server:
        assert [
            handshake(server.port, origin) for origin in ("https://fourline.example", "http://fourline.example")
        ] == [
            b"HTTP/1.1 101",
            b"HTTP/1.1 403",
        ]


@pytest.mark.parametrize("kind", ["uvicorn", "run"])
def test_what_is_no_origin_is_a_foreign_one(
    kind: str, tmp_path: Path, transactional_db: None, test_database_url: str
) -> None:
    with running(kind, tmp_path, DATABASE_URL=test_database_url) as server:
        for origin in ("", "http://", "nonsense", "http://127.0.0.1:x", "http://[::"):
            here = f"127.0.0.1:{server.port}"
            assert handshake(server.port, origin, here) == b"HTTP/1.1 403", origin
            with_token = handshake(server.port, origin, here, "Authorization: Bearer x")
            assert with_token == b"HTTP/1.1 101", f"{origin}: beside a token no Origin is looked at"


def handshake(port: int, origin: str, host: str = "fourline.example", *headers: str) -> bytes:
    """The beginning of the answer to a socket's handshake, as nginx hands it on."""
    lines = [
        "GET /ws/lobby/ HTTP/1.1", f"Host: {host}", *headers, "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-Proto: https", "Connection: upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Origin: {origin}", "", "",
    ]  # fmt: skip
    return exchange(port, "\r\n".join(lines).encode(), within=1)[:12]
