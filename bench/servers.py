"""The servers that the benchmark compares: how each is started, pinned to its core, given games, and stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import machine

ROOT = Path(__file__).resolve().parent.parent
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8200"))
START_PATIENCE = 30.0
STOP_PATIENCE = 10.0
"""Seconds that a server may take to listen, and to end after SIGTERM."""

RAISED_LIMITS = {"PLAYER_MESSAGES_PER_20_S": "1000000"}
"""Limits on clients that a benchmark from one address needs raised: environment of our own servers; printed."""


class ServerFailed(RuntimeError):
    """A server did not start, or died."""


@dataclass
class Candidate:
    """A kind of server. The command may hold `{port}`, `{loop}` and `{core}`."""

    name: str
    title: str
    command: list[str]
    stores: str = "memory"
    prepare: list[str] | None = None
    """A command that makes games in the server's database and prints the plan's lines for them."""
    environment: Mapping[str, str] = field(default_factory=dict)
    client: list[str | Path] | None = None
    """Its own load client, where it doesn't speak our protocol."""
    scenarios: frozenset[str] = frozenset({"saturation", "fixed", "fanout", "connect", "idle"})
    extra_processes: list[int] = field(default_factory=list)
    """Processes that work for it besides its own, whose CPU is counted too: a database's."""


class Server:
    """A running server of one candidate, and the games that it has in store for clients."""

    def __init__(self, candidate: Candidate, data: Path, port: int, loop: str) -> None:
        self.candidate = candidate
        self.port = port
        self.data = data / candidate.name
        self.data.mkdir(parents=True, exist_ok=True)
        self._environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "FOURLINE_DATA": str(self.data),
            "PORT": str(port),
            **candidate.environment,
        }
        self._command = [part.format(port=port, loop=loop) for part in candidate.command]
        self._games: list[str] = []
        self._made = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's ID, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it on the servers' core and wait until it listens.

        Raises:
            ServerFailed: it ended, or did not listen in time; its output's last lines are in the message.
        """
        output = self.data / "output.log"
        pin = partial(os.sched_setaffinity, 0, {machine.cores()[0]})
        with output.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=pin,  # safe: this program has no other thread
            )  # fmt: skip
        deadline = time.monotonic() + START_PATIENCE
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = output.read_text(errors="replace")[-2000:]
                raise ServerFailed(f"{self.candidate.name} does not listen on port {self.port}:\n{tail}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL where that is not enough."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def plan(self, games: int) -> list[str]:
        """Lines of a plan for as many new games; each game is handed out once."""
        if len(self._games) < 2 * games:
            self.make_games(max(games, 500))
        lines, self._games = self._games[: 2 * games], self._games[2 * games :]
        return lines

    def make_games(self, games: int) -> None:
        """Have so many more games in store.

        Raises:
            ServerFailed: they could not be made.
        """
        if self.candidate.prepare is None:
            # Servers in memory make a game when somebody asks for it.
            names = [f"/ws/games/{number:06d}/ -" for number in range(self._made, self._made + games)]
            self._made += games
            self._games += [line for line in names for _ in (1, 2)]
            return
        made = subprocess.run(
            [*self.candidate.prepare, "--games", str(games)],
            cwd=ROOT, env=self._environment, text=True, capture_output=True,
        )  # fmt: skip
        if made.returncode:
            raise ServerFailed(f"no games could be made for {self.candidate.name}:\n{made.stderr[-2000:]}")
        self._games += made.stdout.splitlines()

    def event_loop(self) -> str:
        """The event loop that the running server uses."""
        return machine.event_loop(self.pid)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def candidates(limits: Mapping[str, str]) -> dict[str, Candidate]:
    """All candidates by name.

    Args:
        limits: the environment that raises our servers' limits on clients.
    """
    python = sys.executable
    ours = [python, "-m", "bench.prepare"]
    uvicorn = [python, "-m", "uvicorn", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
    listed = [
        Candidate(
            "websockets",
            "websockets library, in memory",
            [python, "-m", "bench.baseline_websockets", "--port", "{port}", "--loop", "{loop}"],
        ),
        Candidate(
            "textbook",
            "textbook Channels on Daphne",
            [python, "-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "bench.baseline_textbook.asgi:application"],
            stores="SQLite FULL",
            prepare=[python, "-m", "bench.baseline_textbook.prepare"],
        ),
        Candidate(
            "daphne",
            "Fourline on Daphne",
            [python, "-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "config.asgi:application"],
            stores="SQLite FULL",
            prepare=ours,
            environment=limits,
        ),
        Candidate(
            "uvicorn",
            "Fourline on uvicorn",
            [*uvicorn, "--port", "{port}", "config.asgi:application"],
            stores="SQLite FULL",
            prepare=ours,
            environment=limits,
        ),
    ]
    return {candidate.name: candidate for candidate in listed}
