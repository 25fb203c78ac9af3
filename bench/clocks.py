"""What a clock costs: `python -m bench.clocks`. One server; games with clocks and games without take turns on it.

Moves a second at 50 and at 500 games, what a move costs the server in CPU, and how late moves are at a fixed load. Two
servers that are measured after each other differ by more than a clock costs, in memory, data and what else the machine
did; here each run with clocks is compared with the one without beside it, on the same server, in changing order. The
computer's workers are left out: who reviews the games that end says nothing about clocks.
"""

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from math import ceil
from pathlib import Path

from bench import client
from bench.candidates import PREPARE, RAISED_LIMITS, candidates
from bench.plans import Stored
from bench.report import table, write
from bench.run import FIRST_PORT, PAGE, ROOT, default_loop
from bench.scenarios import MEAN_GAME, WARM, Bench, Report, Sizes
from bench.servers import Server

BEGIN, END = "<!-- clocks: begin -->", "<!-- clocks: end -->"
FASTEST = 14_000
"""Moves a second for which there are games enough."""
SETTLES_WITHIN = 3.0
"""Seconds between two runs: a server in which hundreds of games were left at once is busy with that for a while, and
seems slower meanwhile."""
PLAIN, CLOCKED = "without clocks", "with clocks"
SPEED, CPU = "moves_per_second", "cpu_ms"
LEAST_SPEED, LONGEST_P99 = 0.95, 1.2
"""Of that without clocks."""

PREPARED = {PLAIN: PREPARE, CLOCKED: [*PREPARE, "--clocked"]}
"""The commands that make games of both kinds."""

Load = tuple[int, int, float]
"""Games at once, moves a second (0: as fast as it can be), seconds."""
Found = dict[str, dict[str, list[Report]]]
"""The client's reports by load and kind, in the order of the rounds."""


def measure(bench: Bench) -> Found:
    """Run every load in turns, with clocks and without; only rounds in which both came through are kept."""
    sizes = bench.sizes
    loads: dict[str, Load] = {f"{games} games": (games, 0, sizes.seconds) for games in sizes.games}
    if sizes.fixed_rate:
        loads[f"{sizes.fixed_rate} moves/s"] = (sizes.fixed_games, sizes.fixed_rate, sizes.fixed_seconds)
    found: Found = {load: {PLAIN: [], CLOCKED: []} for load in loads}
    with bench.servers("saturation") as [server]:
        plans = {kind: _plans(prepare, server, loads.values(), sizes.rounds + 1) for kind, prepare in PREPARED.items()}
        for number in range(-1, sizes.rounds):  # the first only warms the server up
            for load, (games, rate, seconds) in loads.items():
                reports = {
                    kind: _run(bench, server, f"{load}, {kind}", next(plans[kind]), games, rate, seconds)
                    for kind in ([PLAIN, CLOCKED] if number % 2 else [CLOCKED, PLAIN])
                }
                if number >= 0 and not any(report["errors"] for report in reports.values()):
                    for kind, report in reports.items():
                        found[load][kind].append(report)
    return found


def _plans(prepare: list[str], server: Server, loads: Iterable[Load], rounds: int) -> Iterator[list[str]]:
    """The games of each run in turn, all made beforehand."""
    sizes = [games + ceil((rate or FASTEST) * (WARM + seconds) / MEAN_GAME) for games, rate, seconds in loads] * rounds
    lines = iter(Stored(prepare, server.environment).make(sum(sizes)))
    return iter([list(islice(lines, 2 * size)) for size in sizes])


def _run(bench: Bench, server: Server, key: str, plan: list[str], games: int, rate: int, seconds: float) -> Report:
    time.sleep(SETTLES_WITHIN)
    at = {"rate": rate} if rate else {}
    report = bench.measure(key, server, "play", plan, games=games, seconds=seconds, warm=WARM, **at)
    return report or {"errors": 1}


def ratio(reports: dict[str, list[Report]], figure: str) -> float:
    """The median, over the rounds, of a figure with clocks divided by that without in the same round."""
    return statistics.median(
        with_clocks[figure] / without[figure]
        for without, with_clocks in zip(reports[PLAIN], reports[CLOCKED], strict=True)
    )


def rows(found: Found) -> list[list[str]]:
    """The lines of the table."""
    figures = {SPEED: "{:.0f}", CPU: "{:.1f}", "p50_ms": "{:.2f}", "p99_ms": "{:.2f}"}
    return [
        [load, *(_both(reports, figure, form) for figure, form in figures.items())] for load, reports in found.items()
    ]


def _both(reports: dict[str, list[Report]], figure: str, form: str) -> str:
    medians = [statistics.median(report[figure] for report in reports[kind]) for kind in (PLAIN, CLOCKED)]
    return " → ".join(form.format(median) for median in medians) + f" (×{ratio(reports, figure):.2f})"


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Measure what a clock costs.")
    parser.add_argument("--games", type=int, nargs="*", default=[50, 500])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a run that is as fast as it can be")
    parser.add_argument("--fixed-seconds", type=float, default=6.0)
    parser.add_argument("--rate", type=int, default=1000, help="moves/s; 0 leaves the fixed load out")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where a clock costs more than it may."""
    asked = arguments()
    client.compile_client()
    sizes = Sizes(
        games=asked.games, rounds=asked.rounds, seconds=asked.seconds, fixed_seconds=asked.fixed_seconds,
        fixed_rate=asked.rate,
    )  # fmt: skip
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    shutil.rmtree(data, ignore_errors=True)
    server = candidates(RAISED_LIMITS | {"COMPUTER_WORKERS": "0"})["uvicorn"]
    bench = Bench([server], sizes, data, default_loop(), FIRST_PORT, say=lambda line: print(line, flush=True))
    found = {load: reports for load, reports in measure(bench).items() if reports[PLAIN]}
    if not found:
        print("! no round came through: nothing to compare")
        return 1
    text = table(["without clocks → with", "moves/s", "CPU, ms for 1000 moves", "p50, ms", "p99, ms"], rows(found))
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    return int(any(_is_missed(load, reports) for load, reports in found.items()))


def _is_missed(load: str, reports: dict[str, list[Report]]) -> bool:
    if load.endswith("games"):
        return ratio(reports, SPEED) < LEAST_SPEED
    return ratio(reports, "p99_ms") > LONGEST_P99


if __name__ == "__main__":
    sys.exit(main())
