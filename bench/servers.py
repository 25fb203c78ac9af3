"""A server under test: started on its own core, given games, counted, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import machine
from bench.plans import ROOT, Games, OnDemand, Stored
from bench.postgres import Postgres

START_PATIENCE = 30.0
STOP_PATIENCE = 10.0
"""Seconds that a server may take to listen, and to end after SIGTERM."""
EVERYTHING = frozenset({"saturation", "short", "resting", "fixed", "fanout", "connect", "storm", "idle"})


class ServerFailed(RuntimeError):
    """A server did not start, or died."""


@dataclass(frozen=True)
class Candidate:
    """A kind of server. Its command may hold `{port}` and `{loop}`."""

    name: str
    title: str
    command: list[str]
    stores: str = "memory"
    prepare: list[str] | None = None
    """A command that makes games in the server's database, see `plans.Stored`."""
    games: Callable[[int], Games] = lambda port: OnDemand()
    """Its games where it has no such command; called with its port."""
    environment: Mapping[str, str] = field(default_factory=dict)
    dialect: str = "fourline"
    """What the load client has to speak with it."""
    scenarios: frozenset[str] = EVERYTHING
    needs_postgres: bool = False


class Server:
    """A server of one candidate, and the games that it has in store for clients.

    Args:
        candidate: which.
        data: the folder in which it gets one of its own, by its name.
        port: of the loopback.
        loop: the event loop it is asked to use, where it can be asked.
    """

    def __init__(self, candidate: Candidate, data: Path, port: int, loop: str) -> None:
        self.candidate = candidate
        self.port = port
        self.data = data / candidate.name
        self.data.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), "FOURLINE_DATA": str(self.data), "PORT": str(port)}
        self.environment |= candidate.environment
        self._command = [part.format(port=port, loop=loop) for part in candidate.command]
        self._plan: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._resources = ExitStack()
        self._postgres: Postgres | None = None

    @property
    def pids(self) -> list[int]:
        """The processes that work for it, each with its children: its own, and its database's."""
        assert self._process is not None
        return [self._process.pid, *([self._postgres.pid] if self._postgres else [])]

    @property
    def event_loop(self) -> str:
        """The event loop that the running server uses."""
        return machine.event_loop(self.pids[0])

    def start(self) -> None:
        """Start it on the servers' core and wait until it listens.

        Raises:
            ServerFailed: it ended, or did not listen in time; its output's last lines are in the message.
            plans.NoGames: its database could not be filled.
        """
        if self.candidate.needs_postgres:
            self._postgres = self._resources.enter_context(Postgres(self.data / "postgres"))
            self.environment["DATABASE_URL"] = self._postgres.url
        self._games = self._source_of_games()
        if self.candidate.prepare:
            self._plan = self._games.make(500)
        output = self.data / "output.log"
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=partial(os.sched_setaffinity, 0, {machine.cores()[0]}),  # safe: no other thread here
            )  # fmt: skip
        deadline = time.monotonic() + START_PATIENCE
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = output.read_text(errors="replace")[-2000:]
                raise ServerFailed(f"{self.candidate.name} does not listen on port {self.port}:\n{tail}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL where that is not enough; and its database."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._resources.close()

    def plan(self, games: int) -> list[str]:
        """Lines of a plan for as many new games; each game is handed out once.

        Raises:
            plans.NoGames: there are none.
        """
        if len(self._plan) < 2 * games:
            self._plan += self._games.make(max(games, 100))
        lines, self._plan = self._plan[: 2 * games], self._plan[2 * games :]
        return lines

    def watch(self, players: list[str], count: int) -> list[str]:
        """Lines of a plan for as many spectators of the game of these two lines."""
        return self._games.watch(players, count)

    def _source_of_games(self) -> Games:
        if self.candidate.prepare:
            return Stored(self.candidate.prepare, self.environment)
        return self.candidate.games(self.port)


def free_port(first: int) -> int:
    """The first port of the loopback from here on where nobody listens."""
    return next(port for port in range(first, 65536) if not _listens(port))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
