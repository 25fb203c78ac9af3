"""The benchmark of moves beside workers that think: its arithmetic, and workers that are really busy."""

import time
from contextlib import suppress

import psutil
import pytest

from bench.thinking import ratio, rows, thinking

FOUND = {
    "idle": [{"p50_ms": 1.0, "p99_ms": 2.0}, {"p50_ms": 1.0, "p99_ms": 4.0}, {"p50_ms": 1.0, "p99_ms": 2.0}],
    "busy, niceness 15": [
        {"p50_ms": 1.1, "p99_ms": 2.2},
        {"p50_ms": 1.2, "p99_ms": 4.0},
        {"p50_ms": 1.3, "p99_ms": 3.0},
    ],
}


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio(FOUND, "busy, niceness 15", "p99_ms") == pytest.approx(1.1)
    assert rows(FOUND) == [
        ["idle", "1.00", "2.00", "1.00", "1.00"],
        ["busy, niceness 15", "1.20", "3.00", "1.20", "1.10"],
    ]


def workers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # gone meanwhile
            if "games.computer.workers.worker" in child.cmdline():
                found.append(child)
    return found


def test_workers_are_busy_meanwhile_and_gone_after() -> None:
    deadline = time.monotonic() + 180
    with thinking(2, niceness=0):
        while sum(worker.cpu_times().user > 0.5 for worker in workers()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert not workers()
