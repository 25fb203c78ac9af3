"""Whether chat stands in the way of moves: `python -m bench.chatting`. Latency and CPU without a line, and in a flood.

One server at 1000 moves a second over 500 games, as in the benchmark's fixed load; in two of three runs 100 connections
send 1000 lines a second in all: two in each of 50 games, or 100 that watch one game. No limit on messages stops them:
every line reaches the rules of chat. The kinds of runs take turns.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import websockets

from bench import client, machine
from bench.candidates import RAISED_LIMITS, candidates
from bench.report import table, write
from bench.run import FIRST_PORT, PAGE, ROOT, default_loop
from bench.scenarios import MEAN_GAME, WARM, Bench, Sizes
from bench.servers import Server

BEGIN, END = "<!-- chatting: begin -->", "<!-- chatting: end -->"
BOUND = 1.1
"""Times the p99 without chat that it may be with a flood."""
TALKERS, LINES_A_SECOND = 100, 1000
KINDS = {"quiet": "no chat", "games": "100 talk, in 50 games", "crowd": "100 talk, watching one game"}
FIGURES = {"p50_ms": "p50, ms", "p99_ms": "p99, ms", "cpu_ms": "CPU, ms for 1000 moves"}


async def flood(port: int, plan: list[str]) -> None:
    """Talk until standard input ends; then print how many lines were sent, heard and refused."""
    counted: Counter[str] = Counter()
    over = asyncio.Event()

    async def talk(number: int, line: str) -> None:
        path, cookie = line.split()
        async with websockets.connect(
            f"ws://127.0.0.1:{port}{path}", additional_headers={"Cookie": cookie}, compression=None,
            origin=websockets.Origin(f"http://127.0.0.1:{port}"),
        ) as connection:  # fmt: skip
            hearing = asyncio.create_task(_hear(connection, counted))
            due = time.monotonic() + number / LINES_A_SECOND
            while not over.is_set():
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due += len(plan) / LINES_A_SECOND
                counted["sent"] += 1
                await connection.send(json.dumps({"type": "say", "text": f"line {counted['sent']} of {number}"}))
            hearing.cancel()

    talking = [asyncio.create_task(talk(number, line)) for number, line in enumerate(plan)]
    print("talking", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    over.set()
    await asyncio.gather(*talking)
    print(json.dumps(counted), flush=True)


async def _hear(connection: websockets.ClientConnection, counted: Counter[str]) -> None:
    async for text in connection:
        if str(text).startswith('{"type":"said"'):
            counted["heard"] += 1


@contextmanager
def talking(server: Server, plan: list[str], counted: Counter[str]) -> Iterator[None]:
    """Meanwhile these connections talk; another process does it, on the load client's core."""
    if not plan:
        yield
        return
    path = client.BUILD / f"talkers-{os.getpid()}"
    path.write_text("\n".join(plan))
    command = [sys.executable, "-m", "bench.chatting", "--flood", str(server.port), str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, {machine.cores()[1]})
        assert process.stdin  # both asked for as pipes
        assert process.stdout
        try:
            assert process.stdout.readline() == "talking\n"
            yield
            process.stdin.close()
            counted.update(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            path.unlink()


def _talkers(kind: str, server: Server) -> list[str]:
    """Lines of a plan for who talks."""
    if kind == "quiet":
        return []
    people = server.plan(TALKERS // 2)
    if kind == "games":
        return people
    watched = server.plan(1)[0].split()[0]
    return [f"{watched} {line.split()[1]}" for line in people]


def measure(bench: Bench) -> tuple[dict[str, list[dict[str, float]]], dict[str, Counter[str]]]:
    """The reports of the client, and how many lines there were, by kind of run."""
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    counted: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    sizes = bench.sizes
    games = sizes.fixed_games + ceil(sizes.fixed_rate * (WARM + sizes.fixed_seconds) / MEAN_GAME)
    with bench.servers("fixed") as [server]:
        for _ in range(sizes.rounds):
            for kind in KINDS:
                plan = server.plan(games)
                with talking(server, _talkers(kind, server), counted[kind]):
                    report = bench.measure(
                        f"chatting/{kind}", server, "play", plan, games=sizes.fixed_games,
                        seconds=sizes.fixed_seconds, warm=WARM, rate=sizes.fixed_rate,
                    )  # fmt: skip
                if report and not report["errors"]:
                    found[kind].append(report)
    return found, counted


def ratio(found: dict[str, list[dict[str, float]]], kind: str, figure: str) -> float:
    """The median, over the rounds, of a figure in one kind of run divided by the one without chat before it."""
    return statistics.median(b[figure] / a[figure] for a, b in zip(found["quiet"], found[kind], strict=True))


def rows(found: dict[str, list[dict[str, float]]], counted: dict[str, Counter[str]]) -> list[list[str]]:
    """The lines of the table."""
    lines = []
    for kind, words in KINDS.items():
        cells = [f"{statistics.median(r[f] for r in found[kind]):.2f} ({ratio(found, kind, f):.2f} ×)" for f in FIGURES]
        lines.append([words, str(counted[kind]["sent"]), str(counted[kind]["heard"]), *cells])
    return lines


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where moves are late."""
    parser = argparse.ArgumentParser(description="Measure moves beside a flood of chat.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rate", type=int, default=1000, help="moves a second")
    parser.add_argument("--candidate", default="uvicorn", choices=["uvicorn", "postgresql"])
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--flood", nargs=2, metavar=("PORT", "PLAN"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.flood:
        asyncio.run(flood(int(asked.flood[0]), Path(asked.flood[1]).read_text().splitlines()))
        return 0
    client.compile_client()
    sizes = Sizes(rounds=asked.rounds, fixed_seconds=asked.seconds, fixed_rate=asked.rate)
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    shutil.rmtree(data, ignore_errors=True)
    limits = RAISED_LIMITS | {"SPECTATOR_MESSAGES_PER_20_S": "1000000", "SOCKETS_PER_USER": "1000"}
    server = candidates(limits)[asked.candidate]
    bench = Bench([server], sizes, data, default_loop(), FIRST_PORT, say=lambda line: print(line, flush=True))
    found, counted = measure(bench)
    if len({len(reports) for reports in found.values()}) != 1 or not found["quiet"]:
        print("! some runs failed: nothing to compare")
        return 1
    text = table(
        [f"{server.title}, {server.stores}", "lines sent", "lines heard", *FIGURES.values()], rows(found, counted)
    )
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    return int(max(ratio(found, kind, "p99_ms") for kind in KINDS) > BOUND)


if __name__ == "__main__":
    sys.exit(main())
