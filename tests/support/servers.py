"""Real servers in their own processes, on the test database or one of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.support import forks
from tests.support.forks import ROOT

START_WITHIN = 90.0
"""Seconds; a busy machine imports slowly."""

RAISED_LIMITS = {
    "SOCKETS_PER_ADDRESS": "100000",
    "HANDSHAKES_PER_ADDRESS_PER_MINUTE": "1000000",
    "HANDSHAKES_PER_USER_PER_MINUTE": "1000000",
    "UNKNOWN_IDS_PER_MINUTE": "100000",
    "GAMES_PER_USER_PER_HOUR": "100000",
    "SIGN_UPS_PER_ADDRESS_PER_HOUR": "100000",
    "GUESTS_PER_ADDRESS_PER_HOUR": "100000",
    "GUESTS_PER_ADDRESS_AT_ONCE": "100000",
    "SIGN_IN_FAILURES_PER_ADDRESS": "100000",
    "REVIEWS_PER_USER_PER_MINUTE": "100000",
    "POSITIONS_PER_USER_PER_MINUTE": "100000",
}
"""All tests come from one address. Tests of a limit set it to what they test."""


QUICK = {"DJANGO_SETTINGS_MODULE": "tests.support.quick_settings"}
"""Passwords cost nothing to hash, and only our own static files are collected: where that isn't the point."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One ASGI server, killed and started again as a test wishes.

    Args:
        kind: ``"uvicorn"`` (``manage.py serve``), ``"daphne"`` (stock Daphne) or ``"run"`` (``manage.py run``).
        folder: for its data and its log; given to no other server.
        forked: it may be a fork (`tests.support.forks`); False starts it by the command line, for tests of the start.
        env: settings beyond the defaults, such as ``DATABASE_URL``.
    """

    def __init__(self, kind: str, folder: Path, port: int | None = None, forked: bool = True, **env: str) -> None:
        self.kind = kind
        self._forked = forked
        self.folder = folder
        self.port = port or free_port()
        self.log_path = folder / f"{kind}-{self.port}.log"
        data = {"FOURLINE_DATA": str(folder), "PORT": str(self.port), "DRAIN_SECONDS": "0", **RAISED_LIMITS}
        # The key by which a test's sessions are signed.
        data["SECRET_KEY"] = settings.SECRET_KEY
        # No bytecode: where a test lets no file grow, Python leaves half a file of it, which no later process can load.
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **data, **env}
        self.process: forks.Started | None = None
        self.root = ROOT
        """The checkout that it runs from."""
        self.starts = 0
        """How often it has come up."""

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where its sockets are."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has printed so far, over all its lives."""
        return self.log_path.read_text()

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> "ServerProcess":
        """Start, and wait until it answers."""
        arguments = {
            "run": ["manage.py", "run"],
            "uvicorn": ["manage.py", "serve"],
            "daphne": ["-m", "daphne", "-p", str(self.port), "config.asgi:application"],
        }[self.kind]
        with self.log_path.open("ab") as log:
            self.process = forks.start(arguments, self.env, log, cwd=self.root, forked=self._forked)
        self._wait_until_it_answers()
        self.starts += 1
        return self

    def manage(self, *arguments: str) -> str:
        """Run a management command on its database; what it prints.

        Raises:
            subprocess.CalledProcessError: its exit status is not 0.
        """
        done = forks.run(["manage.py", *arguments], self.env)
        done.check_returncode()
        return done.stdout

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._signal(signal.SIGKILL)

    def stop(self, timeout: float = 60.0) -> int:
        """SIGTERM, and wait for the end; its exit status."""
        return self._signal(signal.SIGTERM, timeout)

    def _signal(self, number: int, timeout: float = 60.0) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout)
        self.process = None
        return status

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError(f"the server did not start:\n{self.log}")

    def get(self, path: str) -> int:
        """The status of a page."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=60) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            return error.code


@contextlib.contextmanager
def running(kind: str, folder: Path, forked: bool = True, **env: str) -> Iterator[ServerProcess]:
    """A server for the length of a ``with``; its log must hold no traceback in the end."""
    server = ServerProcess(kind, folder, forked=forked, **env).start()
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop()
    assert "Traceback" not in server.log, server.log
