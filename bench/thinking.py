"""Whether thinking stands in the way of moves: `python -m bench.thinking`. Latency with all workers idle, and all busy.

One server at 1000 moves a second over 500 games, as in the benchmark's fixed load; the computer's workers, one for each
core, review games without a pause in every second run. The two kinds of runs take turns.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from random import Random

from bench import client
from bench.candidates import RAISED_LIMITS, candidates
from bench.engine import sensible_game
from bench.report import table, write
from bench.run import FIRST_PORT, PAGE, ROOT, default_loop
from bench.scenarios import MEAN_GAME, WARM, Bench, Sizes
from games.computer.workers.pool import NICENESS, Pool
from games.computer.workers.questions import ScoreGame

BEGIN, END = "<!-- thinking: begin -->", "<!-- thinking: end -->"
BOUND = 1.2
"""Times the p99 with idle workers that it may be with busy ones."""
IDLE = "idle"
FIGURES = ("p50_ms", "p99_ms")


async def _think(workers: int, niceness: int, stop: threading.Event) -> None:
    pool, random = Pool(workers, niceness=niceness), Random(1)

    async def keep_one_busy() -> None:
        while not stop.is_set():
            await pool.ask(ScoreGame(sensible_game(random), 60))

    try:
        await asyncio.gather(*(keep_one_busy() for _ in range(workers)))
    finally:
        await pool.close()


@contextmanager
def thinking(workers: int, niceness: int = NICENESS) -> Iterator[None]:
    """Meanwhile so many workers review one game after the other."""
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_think(workers, niceness, stop)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def measure(bench: Bench, workers: int, nicenesses: list[int]) -> dict[str, list[dict[str, float]]]:
    """The reports of the client, by kind of run: workers that are idle, and those that give way so much or so much."""
    kinds: dict[str, int | None] = {IDLE: None, **{f"busy, niceness {number}": number for number in nicenesses}}
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    sizes = bench.sizes
    games = sizes.fixed_games + ceil(sizes.fixed_rate * (WARM + sizes.fixed_seconds) / MEAN_GAME)
    with bench.servers("fixed") as [server]:
        for _ in range(sizes.rounds):
            for kind, niceness in kinds.items():
                with thinking(0 if niceness is None else workers, niceness or 0):
                    report = bench.measure(
                        f"thinking/{kind}", server, "play", server.plan(games), games=sizes.fixed_games,
                        seconds=sizes.fixed_seconds, warm=WARM, rate=sizes.fixed_rate,
                    )  # fmt: skip
                if report and not report["errors"]:
                    found[kind].append(report)
    return found


def ratio(found: dict[str, list[dict[str, float]]], kind: str, figure: str) -> float:
    """The median, over the rounds, of a figure with busy workers divided by that with idle ones in the same round."""
    return statistics.median(b[figure] / a[figure] for a, b in zip(found[IDLE], found[kind], strict=True))


def rows(found: dict[str, list[dict[str, float]]]) -> list[list[str]]:
    """The lines of the table."""
    return [
        [kind, *(f"{statistics.median(report[figure] for report in reports):.2f}" for figure in FIGURES)]
        + [f"{ratio(found, kind, figure):.2f}" for figure in FIGURES]
        for kind, reports in found.items()
    ]


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where moves are late."""
    parser = argparse.ArgumentParser(description="Measure moves beside workers that think.")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--niceness", type=int, nargs="+", default=[NICENESS], help="of the workers; each is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args()
    client.compile_client()
    sizes = Sizes(rounds=asked.rounds, fixed_seconds=asked.seconds, fixed_rate=asked.rate)
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    shutil.rmtree(data, ignore_errors=True)
    server = candidates(RAISED_LIMITS)["uvicorn"]
    bench = Bench([server], sizes, data, default_loop(), FIRST_PORT, say=lambda line: print(line, flush=True))
    found = measure(bench, asked.workers, asked.niceness)
    if len({len(reports) for reports in found.values()}) != 1 or not found[IDLE]:
        print("! some runs failed: nothing to compare")
        return 1
    text = table([f"{asked.workers} workers", "p50, ms", "p99, ms", "p50 / idle", "p99 / idle"], rows(found))
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    return int(ratio(found, f"busy, niceness {asked.niceness[0]}", "p99_ms") > BOUND)


if __name__ == "__main__":
    sys.exit(main())
