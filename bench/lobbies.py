"""What open lobbies cost while nothing happens, and how late news come: `python -m bench.lobbies`. Prints JSON lines.

Fills a database with games that wait and games being played, opens lobbies at one or several processes, counts their
CPU and the database's over an idle interval, and then lets two people play a listed game and times how long each move
takes to every lobby.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import websockets

from bench import machine
from bench.cluster import LIMITS, _application, _free_port, service
from bench.plans import ROOT
from deploy.local.postgresql import Postgres
from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey

MOVES = 12
EVERY = 1.0
"""Moves for which news are timed, and seconds from one to the next."""
SETTLE = 10.0
"""Seconds after the last lobby has opened before CPU is counted: no first reading is among it."""


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--waiting", type=int, default=1000)
    parser.add_argument("--playing", type=int, default=50_000)
    parser.add_argument("--lobbies", type=int, default=300, help="over all processes")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    machine.raise_file_limit()
    with (
        tempfile.TemporaryDirectory(prefix="fourline-bench-", ignore_cleanup_errors=True) as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o711)
        print(json.dumps(vars(options) | _measure(folder, stack, options)), flush=True)


def _measure(folder: Path, stack: ExitStack, options: argparse.Namespace) -> dict[str, Any]:
    environment = os.environ | LIMITS | {"FOURLINE_DATA": str(folder), "DRAIN_SECONDS": "0", "PYTHONPATH": str(ROOT)}
    pids = {}
    if options.database == "postgresql":
        postgres = Postgres(folder / "postgres", _free_port())
        postgres.prepare()
        pids["postgresql"] = stack.enter_context(service(postgres.command))
        postgres.wait()
        postgres.create_database()
        environment["DATABASE_URL"] = postgres.url
    if options.processes > 1:
        valkey = Valkey(folder / "valkey", _free_port())
        valkey.prepare()
        pids["valkey"] = stack.enter_context(service(valkey.command))
        wait_for_port(valkey.port)
        environment["REDIS_URL"] = valkey.url
    seeding = [sys.executable, "-m", "bench.lobby_games", str(options.waiting), str(options.playing)]
    seeded = subprocess.run(seeding, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    players = seeded.stdout.splitlines()[-2:]
    ports = [_free_port() for _ in range(options.processes)]
    application = [stack.enter_context(_application(port, environment)) for port in ports]
    for port in ports:
        wait_for_port(port, 60)
    return asyncio.run(_listen(ports, application, pids, players, options))


async def _listen(
    ports: list[int], application: list[int], others: dict[str, int], players: list[str], options: argparse.Namespace
) -> dict[str, Any]:
    heard: dict[int, list[float]] = {}

    async def lobby(port: int) -> None:
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws/lobby/", compression=None, max_size=None) as client:
            async for text in client:
                if str(text).startswith('{"type":"game_updated"'):
                    version = json.loads(text)["game"]["version"]
                    heard.setdefault(version, []).append(time.monotonic())

    lobbies = []
    for number in range(options.lobbies):
        lobbies.append(asyncio.create_task(lobby(ports[number % len(ports)])))
        await asyncio.sleep(0.01)
    await asyncio.sleep(SETTLE)
    before = [machine.cpu_seconds(pid) for pid in (*application, *others.values())]
    await asyncio.sleep(options.seconds)
    used = [machine.cpu_seconds(pid) - cpu for pid, cpu in zip((*application, *others.values()), before, strict=True)]
    percent = [round(100 * cpu / options.seconds, 2) for cpu in used]
    played = await _play(ports[0], players)
    for task in lobbies:
        task.cancel()
    delays = sorted(at - played[version] for version in played for at in heard.get(version, ()))
    return {
        "application_percent_each": percent[: len(application)],
        "others_percent": dict(zip(others, percent[len(application) :], strict=True)),
        "news": len(delays),
        "news_p50_ms": round(1000 * delays[len(delays) // 2]),
        "news_p99_ms": round(1000 * delays[len(delays) * 99 // 100]),
    }


async def _play(port: int, players: list[str]) -> dict[int, float]:
    """When each move of a listed game was sent, by the game's version after it."""
    sockets = []
    for line in players:
        path, cookie = line.split()
        sockets.append(
            await websockets.connect(
                f"ws://127.0.0.1:{port}{path}", additional_headers={"Cookie": cookie},
                origin=websockets.Origin(f"http://127.0.0.1:{port}"), compression=None,
            )
        )  # fmt: skip
    sent = {}
    for ply in range(1, MOVES + 1):
        sent[ply + 1] = time.monotonic()
        await sockets[(ply - 1) % 2].send(json.dumps({"type": "play_move", "column": ply // 2 % 7, "ply": ply}))
        await asyncio.sleep(EVERY)
    for socket in sockets:
        await socket.close()
    return sent


if __name__ == "__main__":
    main()
