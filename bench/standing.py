"""What profiles and the leaderboard cost with 100,000 people and a million games: `python -m bench.standing`.

A fresh database is filled, SQLite and PostgreSQL by turns, and pages are asked for in this process, through all of the
application but the network: signed out and signed in, those who have played most, and any others.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from bench.postgres import Postgres
from bench.report import table, write

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- standing: begin -->", "<!-- standing: end -->"
BOUND_MS = 50.0
"""What a page may take."""
ASKED = 40
"""How often each page is asked for, after some that don't count."""
WARM = 5


def measure(people: int, games: int) -> list[list[str]]:
    """Fill the database of this process's settings, and ask for pages.

    Returns:
        Rows: the page, milliseconds in the median and at most, and those of CPU in this process in the median.
    """
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from bench.filling import HEAVY, SHOWN, Amount, fill
    from lobby.models import User

    call_command("migrate", verbosity=0)
    begun = time.monotonic()
    fill(Amount(people, games))
    print(f"filled within {time.monotonic() - begun:.0f} s", file=sys.stderr)
    signed_in = Client()
    signed_in.force_login(User.objects.get(username="player-7"), "lobby.backends.CountedBackend")
    pages = {
        "leaderboard": ["/leaderboard/blitz/", "/leaderboard/rapid/"],
        "profile, most games": [f"/@/player-{number}/" for number in range(1, HEAVY + 1)],
        "profile, any": [f"/@/player-{number}/" for number in range(HEAVY + 1, SHOWN + 1)],
    }
    rows = []
    for who, client in (("signed out", Client()), ("signed in", signed_in)):
        for page, paths in pages.items():
            took = [_ask(client, paths[number % len(paths)]) for number in range(WARM + ASKED)][WARM:]
            wall, own = zip(*took, strict=True)
            rows.append(
                [
                    f"{page}, {who}",
                    *(f"{ms:.1f}" for ms in (statistics.median(wall), max(wall), statistics.median(own))),
                ]
            )
    return rows


def _ask(client: object, path: str) -> tuple[float, float]:
    """Milliseconds that a page takes, and how many of them this process computed."""
    begun, own = time.perf_counter(), time.process_time()
    answer = client.get(path, HTTP_HOST="localhost")  # type: ignore[attr-defined]
    took = (time.perf_counter() - begun) * 1000, (time.process_time() - own) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    return took


def run(name: str, data: Path, people: int, games: int) -> list[list[str]]:
    """Measure in a process of its own, on one of the databases.

    Args:
        name: ``SQLite`` or ``PostgreSQL``.
        data: an empty folder.
        people, games: how many.
    """
    with Postgres(data / "postgres") if name == "PostgreSQL" else nullcontext() as server:
        environment = {
            **os.environ, "FOURLINE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "false",
            "SECRET_KEY": "bench-" * 8, "ALLOWED_HOSTS": "localhost",
            **({"DATABASE_URL": server.url} if server is not None else {}),
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.standing", "--measure", "--people", str(people), "--games", str(games)]
        said = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [line.split("\t") for line in said.splitlines()]


def main() -> int:
    """Measure, print, and write where asked to; exit status 1 where a page takes too long."""
    parser = argparse.ArgumentParser(description="Measure profiles and the leaderboard among many people and games.")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--games", type=int, default=1_000_000)
    parser.add_argument("--on", nargs="*", default=["SQLite", "PostgreSQL"], help="databases")
    parser.add_argument("--measure", action="store_true", help="in this process: fill and measure one database")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args()
    if asked.measure:
        print("\n".join("\t".join(row) for row in measure(asked.people, asked.games)))
        return 0
    data = Path(os.environ.get("FOURLINE_DATA", ROOT / "var")) / "bench"
    found: dict[str, list[list[str]]] = {}
    for name in asked.on:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        found[name] = run(name, data, asked.people, asked.games)
        shutil.rmtree(data, ignore_errors=True)
    lines = [[name, *row] for name, rows in found.items() for row in rows]
    text = table(["database", "page", "median, ms", "at most, ms", "CPU, ms"], lines)
    print(text)
    if asked.write:
        write(PAGE, text, BEGIN, END)
    return int(any(float(line[2]) > BOUND_MS for line in lines))


if __name__ == "__main__":
    sys.exit(main())
