"""Processes of ours that load no libraries: they are forked from one that has loaded Django, the servers and so on.

A process of ours takes 1.0 s of processor until it serves, most of it for libraries; a fork takes 0.4 s. It is a
process like any other: PID, environment, folder, output and signals are its own, and it reads the settings itself. That
a start by the command line works too is shown by tests with ``forked=False``, and by all that don't use this module.
"""

import atexit
import contextlib
import functools
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Union

ROOT = Path(__file__).resolve().parents[2]
READ_AT_START = (
    "PYTHONHASHSEED", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONTRACEMALLOC",
    "PYTHONWARNINGS",
)  # fmt: skip
"""Variables that Python reads before any code of ours; a process for which they aren't as here is no fork."""
WITHIN = 120.0
"""Seconds in which an order is answered; the first waits until the libraries are loaded."""

Started = Union["Fork", "subprocess.Popen[bytes]"]


class Fork:
    """A process that was forked; it is waited for and signalled as a `subprocess.Popen`.

    Args:
        pid: of the process.
        server: knows its exit status.
    """

    def __init__(self, pid: int, server: "_ForkServer") -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server
        self._end = os.pidfd_open(pid)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit status, for a signal the negative number.

        Raises:
            subprocess.TimeoutExpired: it still runs after ``timeout`` seconds.
        """
        with self._lock:
            if self.returncode is None:
                ended = select.poll()
                ended.register(self._end, select.POLLIN)
                if not ended.poll(None if timeout is None else timeout * 1000):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
                self.returncode = self._server.ask({"ended": self.pid})
                os.close(self._end)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended. Its PID is nobody else's until it has been waited for."""
        if self.poll() is None:
            os.kill(self.pid, number)


class _ForkServer:
    """The process that forks, and the way to ask it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(WITHIN)
        self._lock = threading.Lock()
        # Settings are not for it to read.
        env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [sys.executable, "-m", "tests.support.forkserver", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[theirs.fileno()])
        atexit.register(self._end)

    def ask(self, order: dict[str, Any], streams: Sequence[int] = ()) -> int:
        """Have something done; the answer."""
        with self._lock:
            socket.send_fds(self._control, [json.dumps(order).encode()], streams)
            answer = self._control.recv(64)
        assert answer, "the process that forks others has ended"
        return int(json.loads(answer))

    def _end(self) -> None:
        self._control.close()
        self._process.wait(WITHIN)


@functools.cache
def _server() -> _ForkServer | None:
    """This process's; None where the system can't tell of the end of others' children."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return None
    return _ForkServer()


def start(
    arguments: Sequence[str],
    env: Mapping[str, str],
    output: IO[Any],
    errors: IO[Any] | None = None,
    cwd: Path = ROOT,
    forked: bool = True,
) -> Started:
    """Start Python with these arguments, such as ``manage.py serve`` or ``-m daphne``; its standard input is empty.

    Args:
        env: all of its environment.
        output, errors: where it prints; what has a `fileno`. Without the second, errors go where the output goes.
        cwd: the checkout that it runs from; another than this one's is never that of a fork.
        forked: False for a process that is started by the command line.
    """
    differs = cwd != ROOT or any(env.get(name) != os.environ.get(name) for name in READ_AT_START)
    server = _server() if forked and not differs else None
    errors = errors or output
    if server is None:
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
    order = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
    with open(os.devnull) as nothing:
        pid = server.ask(order, [nothing.fileno(), output.fileno(), errors.fileno()])
    return Fork(pid, server)


def run(
    arguments: Sequence[str], env: Mapping[str, str], timeout: float | None = None, forked: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Run Python with these arguments to its end; exit status and what it has printed.

    Raises:
        subprocess.TimeoutExpired: it still runs after ``timeout`` seconds; it is killed then.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = start(arguments, env, out, errors, forked=forked)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(9)
            process.wait()
            raise
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(list(arguments), status, out.read(), errors.read())
