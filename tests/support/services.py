"""Services that are stopped and started as a test wishes, and helpers that answer line by line."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.servers import ROOT


class Service:
    """One server that isn't ours.

    Args:
        command: runs it in the foreground.
        log: where it writes.
    """

    def __init__(self, command: list[str], log: Path) -> None:
        self._command = command
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process is None or self.process.poll() is not None:
            with self._log.open("ab") as log:
                self.process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal, and wait for the end."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(20)

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self.process is not None
        return self.process.pid

    def tell(self, number: int) -> None:
        """Send a signal after which it goes on."""
        assert self.process is not None
        self.process.send_signal(number)


class Helper:
    """A process with Django on a database that is not the tests' own, which answers lines of JSON with such lines.

    Args:
        module: what it runs.
        env: its settings, ``DATABASE_URL`` among them.
        log: where its standard error goes.
    """

    def __init__(self, module: str, env: dict[str, str], log: Path) -> None:
        self._log = log
        self._started_with = dict(env)
        env = {**env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        pipe = subprocess.PIPE
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module], cwd=ROOT, env=env, stdin=pipe, stdout=pipe, stderr=errors, text=True
            )

    def tell(self, line: str) -> None:
        """Write a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """The next line.

        Raises:
            AssertionError: it has ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.errors
        return line.rstrip("\n")

    def serves(self, env: dict[str, str]) -> bool:
        """Whether it runs, and was started with these variables."""
        return self._process.poll() is None and self._started_with == env

    @property
    def errors(self) -> str:
        """What it has said besides."""
        return self._log.read_text()

    def end(self) -> None:
        """End it, and wait for that."""
        self._process.communicate(timeout=20)
