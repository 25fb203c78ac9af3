"""The benchmark's command: `python bench/run.py --help`. See bench/README.md."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import chart, client, machine, report  # noqa: E402 the path is set just above
from bench.candidates import DEFAULT, PEERS, RAISED_LIMITS, candidates  # noqa: E402
from bench.scenarios import Bench, Sizes  # noqa: E402

SCENARIOS = ["saturation", "short", "resting", "fixed", "fanout", "connect", "storm", "idle"]
PAGE = ROOT / "docs" / "performance.md"
BUSY = 0.7
"""Load average above which other work disturbs the measurement."""
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8200"))


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Compare Fourline's speed with other servers', side by side.")
    add = parser.add_argument
    add("--candidates", type=lambda text: text.split(","), default=DEFAULT, help="names, with commas; see README")
    add("--scenarios", type=lambda text: text.split(","), default=SCENARIOS, help=f"of {','.join(SCENARIOS)}")
    add("--games", type=lambda text: [int(size) for size in text.split(",")], help="games at once, with commas")
    add("--spectators", type=lambda text: [int(size) for size in text.split(",")], help="numbers of spectators")
    add("--seconds", type=float, help="length of a saturation run")
    add("--rounds", type=int, help="how often each measurement is made; medians are shown")
    add("--loop", choices=["asyncio", "uvloop"], help="event loop of (1); by default that of Fourline on uvicorn")
    add("--peers", action="store_true", help=f"also {', '.join(PEERS)}")
    add("--quick", action="store_true", help="a smoke run of under a minute")
    add("--env", action="append", default=[], metavar="NAME=VALUE", help="more environment for our own servers")
    add("--profile", type=Path, metavar="FOLDER", help="write py-spy flame graphs of the saturation runs there")
    add("--json", type=Path, metavar="FILE", help="write all figures there")
    add("--write", action="store_true", help="write the table and chart into docs/performance.md")
    return parser.parse_args()


def sizes(asked: argparse.Namespace) -> Sizes:
    """How much to measure."""
    chosen = Sizes.quick() if asked.quick else Sizes()
    for name in ("games", "spectators", "seconds", "rounds"):
        if getattr(asked, name) is not None:
            setattr(chosen, name, getattr(asked, name))
    return chosen


def default_loop() -> str:
    """The event loop that uvicorn, and so ours, uses here: uvloop where that is installed."""
    try:
        import uvloop  # noqa: F401 asked for only to see whether it is there
    except ImportError:
        return "asyncio"
    return "uvloop"


def profiler(folder: Path | None) -> Callable[[str, int, float], None] | None:
    """What starts py-spy on a server for as long as it is measured."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)

    def start(name: str, pid: int, seconds: float) -> None:
        spy = [str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(pid), "--duration"]
        subprocess.Popen(
            [*spy, str(max(1, int(seconds))), "--format", "raw", "--output", str(folder / f"{name}.txt")],
            stdout=subprocess.DEVNULL,
        )

    return start


def conditions(bench: Bench, limits: dict[str, str]) -> list[str]:
    """Lines on how it is measured, and what was raised for it."""
    server_core, client_core = machine.cores()
    raised = ", ".join(f"{name}={value}" for name, value in limits.items()) or "none"
    return [
        f"servers on core {server_core}, the client on core {client_core}; medians of {bench.sizes.rounds}; ratios (×) "
        f"to the first row in the same round; data on {machine.file_system(bench.data)}",
        f"raised: open files {machine.raise_file_limit()}; for our servers {raised}",
    ]


def main() -> int:
    """Run it; 0 when every measurement came through without an error."""
    asked = arguments()
    limits = RAISED_LIMITS | dict(pair.split("=", 1) for pair in asked.env)
    known = candidates(limits)
    names = asked.candidates + (PEERS if asked.peers else [])
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    client.compile_client()
    shutil.rmtree(data, ignore_errors=True)
    bench = Bench(
        [known[name] for name in names], sizes(asked), data, asked.loop or default_loop(), FIRST_PORT,
        say=lambda line: print(line, flush=True), profile=profiler(asked.profile),
    )  # fmt: skip
    facts = [f"{datetime.now(UTC):%-d %B %Y}", *machine.describe(), *conditions(bench, limits)]
    print(*facts, sep="\n")
    if os.getloadavg()[0] > BUSY:
        print("! The machine is busy: what goes by the clock means little now; CPU per move still compares.")
    bench.run(asked.scenarios)
    text = report.markdown(bench.results, bench.candidates, bench.loops, facts)
    print(f"\n{text}")
    if asked.json:
        asked.json.write_text(json.dumps(bench.results, indent=1))
    if asked.write:
        report.write(PAGE, text)
        PAGE.with_suffix(".svg").write_text(chart.draw(bench.results, bench.candidates))
    return any(found["errors"] for by in bench.results.values() for rounds in by.values() for found in rounds)


if __name__ == "__main__":
    sys.exit(main())
