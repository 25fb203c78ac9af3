"""How soon a game is reviewed: `python -m bench.reviewing`. From sending the move that ends it to the `review_ready`
that its players hear, at a server with one worker that has nothing else to do.

Games one after the other, half of them random and half sensible, as in `bench.engine`.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import websockets

from bench.candidates import RAISED_LIMITS, candidates
from bench.engine import figures, random_game, sensible_game
from bench.report import table, write
from bench.run import FIRST_PORT, PAGE, ROOT, default_loop
from bench.servers import Server, free_port

BEGIN, END = "<!-- reviewing: begin -->", "<!-- reviewing: end -->"
GAMES, SEED, WARM = 100, 2026, 3
"""Of each kind; the first few, over which the worker starts, don't count."""
BOUNDS = {"p50": 0.2, "worst": 2.0}
"""Seconds."""


@contextmanager
def server(data: Path) -> Iterator[Server]:
    """Ours on uvicorn and SQLite, with one worker."""
    ours = candidates({**RAISED_LIMITS, "COMPUTER_WORKERS": "1"})["uvicorn"]
    running = Server(replace(ours, name="reviewing"), data, free_port(FIRST_PORT), default_loop())
    running.start()
    try:
        yield running
    finally:
        running.stop()


async def seconds_of(columns: list[int], port: int, seats: list[str]) -> float:
    """Play a game; seconds from its last move to the word that its review is there.

    Args:
        columns: of all its moves.
        port: the server's.
        seats: the plan's lines of both players.
    """
    first, second = [await _connect(line, port) for line in seats]
    try:
        for ply, column in enumerate(columns, 1):
            sent = time.monotonic()
            await (first if ply % 2 else second).send(json.dumps({"type": "play_move", "column": column, "ply": ply}))
            for client in (first, second):
                await _hear(client, "move_played")
        await _hear(first, "review_ready")
        return time.monotonic() - sent
    finally:
        await first.close()
        await second.close()


async def _connect(line: str, port: int) -> websockets.ClientConnection:
    path, cookie = line.split(maxsplit=1)
    headers = {"Cookie": cookie}
    origin = websockets.Origin(f"http://127.0.0.1:{port}")
    client = await websockets.connect(f"ws://127.0.0.1:{port}{path}", additional_headers=headers, origin=origin)
    await _hear(client, "snapshot")
    return client


async def _hear(client: websockets.ClientConnection, kind: str) -> None:
    async with asyncio.timeout(60):
        while (message := json.loads(await client.recv()))["type"] != kind:
            if message["type"] == "error":
                raise RuntimeError(f"the server refused: {message}")


def measure(games: dict[str, list[list[int]]], data: Path) -> dict[str, list[float]]:
    """Seconds of each game, by kind, the shortest first. The kinds take turns."""
    found: dict[str, list[float]] = {kind: [] for kind in games}
    with server(data) as running:
        plan = running.plan(sum(map(len, games.values())))
        for number, turn in enumerate(zip(*games.values(), strict=True)):
            for kind, columns in zip(games, turn, strict=True):
                seats, plan = plan[:2], plan[2:]
                took = asyncio.run(seconds_of(columns, running.port, seats))
                if number >= WARM:
                    found[kind].append(took)
    return {kind: sorted(seconds) for kind, seconds in found.items()}


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where a bound does not hold."""
    parser = argparse.ArgumentParser(description="Measure how soon games are reviewed.")
    parser.add_argument("--games", type=int, default=GAMES, help="of each kind")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args()
    random = Random(SEED)
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    shutil.rmtree(data / "reviewing", ignore_errors=True)
    makers = {"random": random_game, "sensible": sensible_game}
    found = measure({kind: [make(random) for _ in range(asked.games + WARM)] for kind, make in makers.items()}, data)
    found["both"] = sorted(seconds for times in found.values() for seconds in times)
    lines = [[kind, *(f"{each * 1000:.0f}" for each in figures(times).values())] for kind, times in found.items()]
    text = table(["games", "p50, ms", "p99, ms", "worst, ms", "mean, ms"], lines)
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    late = [name for name, bound in BOUNDS.items() if figures(found["both"])[name] > bound]
    print(f"Too late: {', '.join(late)}" if late else "All bounds hold.")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main())
