"""What is measured, and how: each scenario takes the candidates in turn, round after round (A B C A B C)."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from bench import client, machine
from bench.plans import NoGames
from bench.servers import Candidate, Server, ServerFailed, free_port

MEAN_GAME, MEAN_SHORT_GAME = 34, 19
"""Moves in a game of the load client, less a few: how many games a run needs is reckoned with it."""
WARM = 0.7
"""Seconds of play before the measurement, so that caches fill and the collector has run."""

AT_ONCE = 1000
"""Handshakes under way in a storm: a listener's queue holds no more than some 2000."""

Report = dict[str, Any]
Results = dict[str, dict[str, list[Report]]]
"""Reports of each round by scenario, such as `saturation/50`, and candidate."""


@dataclass
class Sizes:
    """How much is measured; `quick()` is a smoke run."""

    games: list[int] = field(default_factory=lambda: [1, 50, 500])
    spectators: list[int] = field(default_factory=lambda: [1, 100, 1000, 5000])
    fixed_rate: int = 1000
    fixed_games: int = 500
    connects: int = 1000
    short_games: list[int] = field(default_factory=lambda: [50, 500])
    resting: list[int] = field(default_factory=lambda: [1400, 5000])
    storm: int = 5000
    idle: int = 5000
    seconds: float = 3.0
    fixed_seconds: float = 8.0
    rounds: int = 3

    @classmethod
    def quick(cls) -> "Sizes":
        """Small enough for all candidates within a minute."""
        return cls([50], [100], 500, 50, 100, [50], [400], 200, 200, seconds=1.0, fixed_seconds=1.0, rounds=1)


@dataclass
class Bench:
    """A run of the benchmark: which candidates, where their data is, and what to do with each figure."""

    candidates: list[Candidate]
    sizes: Sizes
    data: Path
    loop: str
    first_port: int
    say: Callable[[str], None]
    profile: Callable[[str, int, float], None] | None = None
    results: Results = field(default_factory=dict)
    loops: dict[str, str] = field(default_factory=dict)
    """The event loop that each candidate's server was seen to use."""

    @contextmanager
    def servers(self, scenario: str) -> Iterator[list[Server]]:
        """Fresh servers of all candidates that can do a scenario; those that fail to start are left out, and said."""
        started: list[Server] = []
        try:
            for candidate in self.candidates:
                if scenario not in candidate.scenarios:
                    continue
                server = Server(candidate, self.data, free_port(self.first_port), self.loop)
                try:
                    server.start()
                except (ServerFailed, NoGames) as error:
                    server.stop()
                    self.say(f"! {error}")
                    continue
                self.loops[candidate.name] = server.event_loop
                started.append(server)
            yield started
        finally:
            for server in started:
                server.stop()

    def measure(self, key: str, server: Server, mode: str, plan: list[str], **options: Any) -> Report | None:
        """Run the client once, say and keep its report; None when it failed."""
        name = server.candidate.name
        try:
            report = _run(mode, server, plan, **options)
        except client.ClientFailed as error:
            report = {"errors": 1, "first_error": str(error)}
        if report.get("moves") and "server_cpu_seconds" in report:
            report["cpu_ms"] = report["server_cpu_seconds"] * 1e6 / report["moves"]
        if key == "connect" and report.get("seconds"):
            report["per_second"] = report["connections"] / report["seconds"]
        self.results.setdefault(key, {}).setdefault(name, []).append(report)
        wrong = f"  ERRORS {report['errors']}: {report['first_error']}" if report["errors"] else ""
        self.say(f"{key:16} {name:12} {_short(key, report)}{wrong}")
        return report

    def run(self, scenarios: list[str]) -> None:
        """Run the named scenarios one after the other."""
        steps = {
            "saturation": self.saturation,
            "fixed": self.fixed,
            "fanout": self.fan_out,
            "short": self.short_games,
            "resting": self.resting_sockets,
            "connect": self.connect,
            "storm": self.storm,
            "idle": self.idle,
        }
        for name in scenarios:
            try:
                steps[name]()
            except NoGames as error:
                self.say(f"! {name} was not finished: {error}")

    def saturation(self) -> None:
        """As many moves a second as the server manages, at each number of games at once."""
        with self.servers("saturation") as servers:
            for games in self.sizes.games:
                self._saturate(f"saturation/{games}", servers, games, MEAN_GAME)

    def short_games(self) -> None:
        """Saturation with games of some 21 moves: their beginnings and ends count for more."""
        with self.servers("short") as servers:
            for games in self.sizes.short_games:
                self._saturate(f"short/{games}", servers, games, MEAN_SHORT_GAME, any=1)

    def resting_sockets(self) -> None:
        """50 short games at once, beside sockets of games in which nobody moves, so many sockets in all."""
        with self.servers("resting") as servers:
            for sockets in self.sizes.resting:
                self._saturate(f"resting/{sockets}", servers, 50, MEAN_SHORT_GAME, least=sockets // 2, any=1)

    def _saturate(
        self, key: str, servers: list[Server], games: int, mean: int, least: int = 0, **options: float
    ) -> None:
        speeds = {server.port: self._speed(server, games) for server in servers}
        for _ in range(self.sizes.rounds):
            for server in servers:
                spare = ceil(speeds[server.port] * 1.25 * (WARM + self.sizes.seconds) / mean)
                report = self.measure(
                    key, server, "play", server.plan(max(least, games + spare)), games=games,
                    seconds=self.sizes.seconds, warm=WARM, while_measuring=self._profiler(server), **options,
                )  # fmt: skip
                speeds[server.port] = max(speeds[server.port], (report or {}).get("moves_per_second", 0))

    def _speed(self, server: Server, games: int) -> float:
        """Moves a second of a short first run, which also warms the server up; it is not kept."""
        try:
            report = _run("play", server, server.plan(games + 60), games=games, seconds=1)
        except client.ClientFailed:
            return 0
        return report["moves_per_second"]

    def _profiler(self, server: Server) -> Callable[[], Report] | None:
        if self.profile is None:
            return None
        start = self.profile

        def begin() -> Report:
            start(server.candidate.name, server.pids[0], self.sizes.seconds)
            return {}

        return begin

    def fixed(self) -> None:
        """Latency at a load far below what a server can do: open loop, each move timed from when it was due."""
        sizes = self.sizes
        seconds = sizes.fixed_seconds
        games = sizes.fixed_games + ceil(sizes.fixed_rate * (WARM + seconds) / MEAN_GAME)
        with self.servers("fixed") as servers:
            for _ in range(sizes.rounds):
                for server in servers:
                    self.measure(
                        f"fixed/{sizes.fixed_rate}", server, "play", server.plan(games), games=sizes.fixed_games,
                        seconds=seconds, warm=WARM, rate=sizes.fixed_rate,
                    )  # fmt: skip

    def fan_out(self) -> None:
        """Milliseconds from a move to the last of many spectators, who are not signed in."""
        with self.servers("fanout") as servers:
            for spectators in self.sizes.spectators:
                for _ in range(self.sizes.rounds):
                    for server in servers:
                        try:
                            players = server.plan(1)
                            plan = players + server.watch(players, spectators)
                        except NoGames as error:
                            self.say(f"! {server.candidate.name} with {spectators} spectators: {error}")
                            continue
                        self.measure(f"fanout/{spectators}", server, "fanout", plan)

    def connect(self) -> None:
        """New connections a second, each signed in by its session's cookie and told the game."""
        with self.servers("connect") as servers:
            for server in servers:
                _run("connect", server, server.plan(20))
            for _ in range(self.sizes.rounds):
                for server in servers:
                    self.measure("connect", server, "connect", server.plan(self.sizes.connects // 2))

    def storm(self) -> None:
        """Everybody comes back at once, as after a restart: seconds until in every game there was a move again."""
        with self.servers("storm") as servers:
            for server in servers:
                _run("connect", server, server.plan(20))
            for _ in range(self.sizes.rounds):
                for server in servers:
                    self.measure("storm", server, "comeback", server.plan(self.sizes.storm // 2), at_once=AT_ONCE)

    def idle(self) -> None:
        """Memory of a connection that is signed in and does nothing, two to a game."""
        for _ in range(min(self.sizes.rounds, 2)):
            with self.servers("idle") as servers:
                for server in servers:
                    # What is loaded or allocated on first use is no connection's.
                    _run("connect", server, server.plan(50))
                    before = machine.memory_kib(server.pids[0])

                    def memory(pid: int = server.pids[0], before: int = before) -> Report:
                        return {"kib_per_connection": (machine.memory_kib(pid) - before) / self.sizes.idle}

                    plan = server.plan(self.sizes.idle // 2)
                    self.measure("idle", server, "idle", plan, while_measuring=memory)


def _run(mode: str, server: Server, plan: list[str], **options: Any) -> Report:
    return client.run(mode, server.pids, server.port, plan, dialect=server.candidate.dialect, **options)


def median(results: Results, key: str, candidate: str, figure: str) -> float | None:
    """The median over all rounds of a figure, or None where a round failed or none was run."""
    reports = results.get(key, {}).get(candidate, [])
    values = [report[figure] for report in reports if not report["errors"] and figure in report]
    return statistics.median(values) if values and len(values) == len(reports) else None


def _short(key: str, report: Report) -> str:
    if "moves_per_second" not in report:
        return "no report"
    if key == "idle":
        return f"{report['kib_per_connection']:.1f} KiB a connection"
    latency = f"p50 {report['p50_ms']:.2f}  p95 {report['p95_ms']:.2f}  p99 {report['p99_ms']:.2f} ms"
    if key.startswith("fanout"):
        return f"last spectator {latency}"
    if key == "storm":
        return (
            f"all connected in {report['greeted_seconds']:.2f} s, all games moved in {report['seconds']:.2f} s, "
            f"server {report['server_cpu_seconds']:.2f} s of CPU  {latency}"
        )
    if key == "connect":
        return f"{report['per_second']:.0f} connections/s  {latency}"
    if not report["moves"]:
        return "no moves"
    server, loader = (report[f"{which}_cpu_seconds"] / report["seconds"] for which in ("server", "client"))
    return (
        f"{report['moves_per_second']:8.0f} moves/s  {latency}  CPU {report['cpu_ms']:6.1f} ms/1000 moves  "
        f"server {server:.0%}, client {loader:.0%} of a core  {report['seconds']:.1f} s"
    )
