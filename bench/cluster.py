"""What several processes cost: `python -m bench.cluster`, some minutes on a quiet machine. Prints JSON lines.

Two questions. What does the shared layer cost, ours and Channels' stock one: in one process that plays (SQLite, so
that nothing else differs), and alone, without sockets? And what does a move cost in each part, application,
PostgreSQL, Valkey, nginx, when 1, 2 or 4 processes serve the same games through nginx? On a machine with few cores the
second is CPU, not speed: the processes share the cores with their database and with the load client.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import client, cluster_tables, listeners, machine
from bench.candidates import RAISED_LIMITS
from bench.plans import ROOT, Stored
from bench.report import write
from bench.servers import Candidate, Server
from deploy.local.nginx import Nginx
from deploy.local.postgresql import Postgres
from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey

PREPARE = [sys.executable, "-m", "bench.prepare"]
LIMITS = RAISED_LIMITS | {"GAMES_PER_USER_PER_HOUR": "1000000"}
SECONDS = 6.0
WARM = 2.0
EVENTS, EVERY = 50, 0.1
"""Sent to the listeners: how many, and seconds from one to the next."""
EVENT = {"type": "game.event", "version": 12, "text": "x" * 230}
"""As large as a move."""

_said: list[dict[str, Any]] = []


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", choices=["layers", "processes"], help="one of the two questions")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--games", type=int, default=500)
    parser.add_argument("--counts", type=lambda text: [int(count) for count in text.split(",")], default=[1, 2, 4])
    parser.add_argument("--rate", type=int, default=0, help="moves/s of the processes' question; 0: all they manage")
    parser.add_argument("--spectators", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    options = parser.parse_args()
    machine.raise_file_limit()
    client.compile_client()
    for line in machine.describe():
        print(line, file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="fourline-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        if options.only != "processes":
            layers(folder, options.rounds, options.games, options.spectators)
        if options.only != "layers":
            for count in options.counts:
                for _ in range(options.rounds):
                    processes(folder / f"of{count}", count, options.games, options.rate)
    text = cluster_tables.markdown(_said, machine.describe())
    print(text, file=sys.stderr)
    if options.write:
        write(ROOT / "docs" / "performance.md", text, cluster_tables.BEGIN, cluster_tables.END)


def say(**figures: Any) -> None:
    """One line of results."""
    _said.append(figures)
    print(json.dumps(figures), flush=True)


@contextmanager
def service(command: Sequence[str], core: int | None = None) -> Iterator[int]:
    """A server that isn't ours, while the ``with`` lasts; its process ID."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            yield process.pid
        finally:
            process.terminate()


# --- the layer --------------------------------------------------------------------------------------------------


def layers(folder: Path, rounds: int, games: int, spectators: int) -> None:
    """Moves a second, and the last spectator's wait, in one process: without Redis, with ours, with the stock layer."""
    valkey = Valkey(folder / "valkey", _free_port())
    shared = LIMITS | {"REDIS_URL": valkey.url}
    valkey.prepare()
    kinds = {"none": LIMITS, "ours": shared, "stock": shared | {"CHANNEL_LAYER": listeners.STOCK}}
    with ExitStack() as stack:
        stack.enter_context(service(valkey.command, machine.cores()[1]))
        wait_for_port(valkey.port)
        servers = {}
        for name, environment in kinds.items():
            candidate = Candidate(
                name, name, [sys.executable, "manage.py", "serve"], "SQLite", PREPARE, environment=environment
            )
            servers[name] = Server(candidate, folder, _free_port(), "uvloop")
            servers[name].start()
            stack.callback(servers[name].stop)
        for _ in range(rounds):
            for name, server in servers.items():
                _play(name, server, games)
            for name, server in servers.items():
                players = server.plan(1)
                report = client.run("fanout", server.pids, server.port, players + server.watch(players, spectators))
                say(part="fanout", layer=name, spectators=spectators, **report)
        for _ in range(rounds):
            for kind in ("ours", "stock"):
                say(
                    part="listeners",
                    layer=kind,
                    spectators=spectators,
                    **asyncio.run(_deliver(kind, valkey.url, spectators)),
                )


async def _deliver(kind: str, url: str, channels: int) -> dict[str, float]:
    """What it costs a process to hear an event on many channels, sockets aside."""
    command = [sys.executable, "-m", "bench.listeners", kind, url, str(channels)]
    pipe = asyncio.subprocess.PIPE
    listening = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    assert listening.stdin is not None
    assert listening.stdout is not None
    os.sched_setaffinity(listening.pid, {machine.cores()[0]})
    await listening.stdout.readline()
    layer = listeners.layer(kind, url)
    await layer.group_add(listeners.GROUP, await layer.new_channel())  # connects it
    for _ in range(EVENTS):
        await layer.group_send(listeners.GROUP, {**EVENT, "sent": time.monotonic()})
        await asyncio.sleep(EVERY)
    listening.stdin.close()
    found = json.loads(await listening.stdout.readline())
    await listening.wait()
    assert len(found["milliseconds"]) == EVENTS, found
    return {"p50_ms": statistics.median(found["milliseconds"]), "cpu_ms": found["cpu_ms"] / EVENTS}


def _play(name: str, server: Server, games: int) -> None:
    report = client.run(
        "play", server.pids, server.port, server.plan(games + 3 * games), games=games, seconds=SECONDS, warm=WARM
    )
    say(part="layer", layer=name, games=games, **report)


# --- processes --------------------------------------------------------------------------------------------------


def processes(folder: Path, count: int, games: int, rate: int = 0) -> None:
    """What a move costs where, with so many processes behind nginx, at a rate or at all they manage."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    postgres, valkey = Postgres(folder / "postgres", _free_port()), Valkey(folder / "valkey", _free_port())
    ports = [_free_port() for _ in range(count)]
    nginx = Nginx(folder / "nginx", _free_port(), ports)
    for prepared in (postgres, valkey, nginx):
        prepared.prepare()
    environment = os.environ | LIMITS | {
        "FOURLINE_DATA": str(folder), "DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "DRAIN_SECONDS": "0",
        "TRUSTED_PROXIES": "127.0.0.1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    with ExitStack() as stack:
        pids = {"postgres": [stack.enter_context(service(postgres.command))]}
        postgres.wait()
        postgres.create_database()
        pids["valkey"] = [stack.enter_context(service(valkey.command))]
        wait_for_port(valkey.port)
        plan = Stored(PREPARE, environment).make(3 * games)
        pids["application"] = [stack.enter_context(_application(port, environment)) for port in ports]
        for port in ports:
            wait_for_port(port, 60)
        pids["nginx"] = [stack.enter_context(service(nginx.command))]
        wait_for_port(nginx.port)
        everybody = [pid for of in pids.values() for pid in of]
        report = client.run("play", everybody, nginx.port, plan, games=games, seconds=SECONDS, warm=WARM, rate=rate)
        if count == 1 and not rate:
            polls(environment, pids["postgres"][0])
            pings(ports[0], pids["application"], plan[-50:])
    moves = max(1, report["moves"])
    used = dict(zip(everybody, report.pop("cpu_seconds_each"), strict=True))
    per_move = {name: round(sum(used[pid] for pid in of) * 1e6 / moves, 1) for name, of in pids.items()}
    say(part="processes", processes=count, rate=rate, games=games, cpu_microseconds_per_move=per_move, **report)


def polls(environment: dict[str, str], postgres: int) -> None:
    """What the store's part is in the questions that every process asks again and again, for each game or person."""
    command = [sys.executable, "-m", "bench.polls"]
    environment = environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as asker:
        assert asker.stdin is not None
        assert asker.stdout is not None
        cpu = 0.0
        for line in asker.stdout:
            figures = json.loads(line)
            if "ready" in figures:
                cpu = machine.cpu_seconds(postgres)
                asker.stdin.write("go\n")
                asker.stdin.flush()
                continue
            each = 1e6 / figures["count"]
            own, theirs = figures["cpu"] * each, (machine.cpu_seconds(postgres) - cpu) * each
            say(part="poll", question=figures["question"], own_microseconds=own, postgres_microseconds=theirs)


def pings(port: int, application: list[int], plan: list[str], count: int = 400) -> None:
    """What a client's ping costs a process."""
    import websockets

    async def ping(line: str) -> None:
        path, cookie = line.split()
        address = f"ws://127.0.0.1:{port}{path}"
        headers, origin = {"Cookie": cookie}, websockets.Origin(f"http://127.0.0.1:{port}")
        async with websockets.connect(address, additional_headers=headers, origin=origin, compression=None) as client:
            await gate.wait()
            for _ in range(count):
                await client.send('{"type":"ping","version":1}')
                while '"pong"' not in str(await client.recv())[:20]:
                    pass

    async def all_of_them() -> float:
        pinging = [asyncio.ensure_future(ping(line)) for line in plan]
        await asyncio.sleep(3)
        cpu = sum(map(machine.cpu_seconds, application))
        gate.set()
        await asyncio.gather(*pinging)
        return sum(map(machine.cpu_seconds, application)) - cpu

    gate = asyncio.Event()
    seconds = asyncio.run(all_of_them())
    say(part="ping", connections=len(plan), microseconds=seconds * 1e6 / (len(plan) * count))


@contextmanager
def _application(port: int, environment: dict[str, str]) -> Iterator[int]:
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
