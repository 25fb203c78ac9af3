"""The whole suite: ``python -m tests [workers]``, as `make test` runs it.

First everything beside everything, by twice as many workers as there are cores, because many tests wait; then, one by
one, what measures seconds. Of the tests with real servers and browsers a few fail where the machine is so busy that
something takes many times its usual time: what fails beside others is run once more by itself, and that counts. All of
these are named at the end, because a test that only holds on a quiet machine is to be mended too.
"""

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache", "v", "cache", "lastfailed")
"""In the folder of the project. Where pytest keeps the names of what failed; it takes them out again when they pass."""
MOST_AGAIN = 30
"""So many failures are no accident of a busy machine: nothing is run again."""
SOME_FAILED, NONE_FOUND = 1, 5
"""Exit codes of pytest."""


def main(workers: str = "4") -> int:
    """Run all tests.

    Args:
        workers: how many run beside each other.

    Returns:
        0 where every test has passed.
    """
    unsteady: list[str] = []
    holds = _run(["-m", "not alone", "-n", workers], unsteady)
    holds &= _run(["-m", "alone", *_files_with("mark.alone")], unsteady)
    for name in unsteady:
        print(f"passed only when it was run again: {name}")
    return 0 if holds else 1


def _run(chosen: list[str], unsteady: list[str]) -> bool:
    """Run some tests, and a few that fail once more; whether all hold."""
    code = _pytest("--cache-clear", *chosen)
    failed = _failed()
    if code != SOME_FAILED or not 0 < len(failed) <= MOST_AGAIN:
        return code in {0, NONE_FOUND}
    print(f"{len(failed)} failed. Once more, by themselves:", *failed, sep="\n  ", flush=True)
    code = _pytest("--last-failed", "--last-failed-no-failures=none", "-m", chosen[1])
    unsteady += [name for name in failed if name not in _failed()]
    return code == 0


def _pytest(*args: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *args], check=False).returncode


def _failed() -> list[str]:
    return sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []


def _files_with(text: str) -> list[str]:
    """The test files that a run needs to read, so that it doesn't read all."""
    return [str(path) for path in sorted(Path("tests").rglob("test_*.py")) if text in path.read_text()]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
