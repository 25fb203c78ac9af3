"""Real processes of ours, for tests that start, meet and end them."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds after which a test gives up; a busy machine takes a few."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a new checkout: none of this process's settings, a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**kept, "FOURLINE_DATA": str(data), "DEBUG": "true", "PYTHONWARNINGS": "default", **more}


class Process:
    """A process whose lines are read as they come."""

    def __init__(self, command: Sequence[str], env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.errors: list[str] = []
        self._readers = [threading.Thread(target=reader) for reader in (self._read_lines, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _read_errors(self) -> None:
        self.errors += [line.rstrip("\n") for line in self._process.stderr or ()]

    def line(self) -> str:
        """The next line on standard output; waits for it."""
        line = self._lines.get(timeout=PATIENCE)
        assert line is not None, f"it ended: {self.ended()} {self.errors}"
        return line

    def lines_so_far(self) -> list[str]:
        """The lines on standard output that nobody has read yet."""
        lines = [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        return [line for line in lines if line is not None]

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the whole group, `make` and shell included."""
        os.killpg(self._process.pid, signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM to the process alone."""
        self._process.terminate()

    def ended(self) -> int:
        """Its exit status; waits for it."""
        status = self._process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join(timeout=PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return status

    def kill(self) -> None:
        """End the whole group at once, if anything of it is left."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.ended()


@contextmanager
def running(command: Sequence[str], env: dict[str, str]) -> Iterator[Process]:
    """A process for the length of a test."""
    process = Process(command, env)
    try:
        yield process
    finally:
        process.kill()


def manage(*arguments: str) -> list[str]:
    """The command line of one of our management commands."""
    return [sys.executable, "manage.py", *arguments]


def outcome(command: Sequence[str], env: dict[str, str]) -> tuple[int, str, list[str]]:
    """Run to its end: exit status, standard output, lines of standard error."""
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr.splitlines()


def status(address: str, host: str | None = None) -> int:
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
