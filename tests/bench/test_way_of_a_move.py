"""The trace of a move: its main stations, in order, and nothing that isn't ours."""

import subprocess
import sys

from tests.support.servers import ROOT

STATIONS = [
    "games.consumers.GameConsumer.receive_json",
    "games.registry.registry.Registry.run",
    "games.storage.journal.Journal.submit",
    "games.storage.commits.Commits.store",
    "games.protocol.codec.encode",
    "games.layers.broadcast.Broadcast.announce",
    "games.consumers.GameConsumer.take_at_once",
]


def test_a_move_passes_its_stations_in_order() -> None:
    command = [sys.executable, "-m", "bench.way_of_a_move", "--list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    *functions, summary = done.stdout.splitlines()
    assert [name for name in functions if name in STATIONS] == STATIONS
    assert {name.split(".")[0] for name in functions} <= {"games", "lobby", "config"}
    assert summary.startswith(f"{len(functions)} functions of ")
