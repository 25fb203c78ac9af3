"""The games that the benchmark plays are whole, and wait for their first move."""

import sys
from pathlib import Path

from tests.support.processes import environment, manage, outcome


def test_what_the_benchmark_makes_are_games_in_progress(tmp_path: Path) -> None:
    env = environment(tmp_path)
    status, plan, errors = outcome([sys.executable, "-m", "bench.prepare", "--games", "2"], env)
    assert status == 0, errors
    assert plan.count("/ws/games/") == 4
    status, said, errors = outcome(manage("verify_games"), env)
    assert status == 0, (said, errors)
