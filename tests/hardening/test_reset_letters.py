"""A real server and a mail server that takes its time: what a stranger learns from a reset, and what a letter holds."""

import http.client
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from lobby.models import User
from tests.support.mail_server import SLOW, MailServer
from tests.support.servers import ServerProcess, running
from tests.support.stores import database, new_sqlite


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def prepared(folder: Path, **env: str) -> dict[str, str]:
    """A database of its own, in which there is Alice; the settings of its server."""
    url = new_sqlite(folder / "ours.sqlite3")
    with database(url):
        User.objects.create_user("alice", "alice@example.org", "correct horse 42")
    return {"DATABASE_URL": url, **env}


def ask(server: ServerProcess, address: str, host: str = "localhost") -> tuple[int, str, float]:
    """Ask for a reset: status, text, and the seconds that it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        body = urllib.parse.urlencode({"email": address, "csrfmiddlewaretoken": "a" * 32})
        form = "application/x-www-form-urlencoded"
        headers = {"Content-Type": form, "Cookie": f"csrftoken={'a' * 32}", "Host": host}
        connection.request("POST", "/accounts/reset/", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), time.monotonic() - began
    finally:
        connection.close()


def test_the_answer_and_its_time_are_the_same(tmp_path: Path, transactional_db: None, mail_server: MailServer) -> None:
    env = prepared(tmp_path, EMAIL_URL=mail_server.url, PUBLIC_URL="http://fourline.example:8080")
    env["ALLOWED_HOSTS"] = "localhost,evil.example"
    with running("uvicorn", tmp_path, **env) as server:
        ask(server, "warm@example.org")
        known = ask(server, "Alice@example.org", host="evil.example:666")
        unknown = ask(server, "nobody@example.org", host="evil.example:666")
        assert known[:2] == unknown[:2]
        assert known[0] == 302
        assert known[2] < SLOW, "nobody waits for the mail server"
        [letter] = mail_server.wait(1)
        assert "\nhttp://fourline.example:8080/accounts/reset/" in letter.replace("\r", "")
        assert "evil" not in letter


def test_a_refused_letter_is_one_line_in_the_log(
    tmp_path: Path, transactional_db: None, mail_server: MailServer
) -> None:
    env = prepared(tmp_path, EMAIL_URL=mail_server.url, PUBLIC_URL="http://localhost")
    with running("uvicorn", tmp_path, **env) as server:
        with database(env["DATABASE_URL"]):
            User.objects.update(email="alice@refused.example")
        assert ask(server, "alice@refused.example")[0] == 302
        end = time.monotonic() + 10
        while "a letter could not be sent" not in server.log and time.monotonic() < end:
            time.sleep(0.05)
        [line] = [line for line in server.log.splitlines() if "letter" in line]
        assert line.endswith("ERROR fourline.mail: a letter could not be sent: SMTPRecipientsRefused")
        assert "alice" not in server.log


def test_serving_without_a_mail_server_refuses_and_prints_no_link(tmp_path: Path, transactional_db: None) -> None:
    env = prepared(tmp_path, EMAIL_URL="", PUBLIC_URL="http://localhost")
    with running("uvicorn", tmp_path, **env) as server:
        status, text, _ = ask(server, "alice@example.org")
        assert (status, "be reset here" in text) == (403, True)
        assert "/accounts/reset/" not in server.log
