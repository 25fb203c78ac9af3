"""`make`, as a newcomer types it."""

import re
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment, free_port, outcome, running, status

pytestmark = pytest.mark.needs("make")


def test_help_lists_every_target_that_is_meant_for_people(tmp_path: Path) -> None:
    code, printed, errors = outcome(["make"], environment(tmp_path))
    assert (code, errors) == (0, [])
    listed = set(re.findall(r"^make ([a-z]+) ", printed, flags=re.MULTILINE))
    assert {"run", "test", "check", "admin", "demo", "serve", "soak", "bench"} <= listed


@pytest.mark.parametrize("target", ["run", "test", "check", "serve"])
@pytest.mark.parametrize("python", ["no-such-python", "false"])  # none at all; one that says that it is too old
def test_a_missing_or_old_python_is_one_line(tmp_path: Path, target: str, python: str) -> None:
    code, printed, errors = outcome(["make", target, f"PYTHON={python}"], environment(tmp_path))
    assert (code, printed) == (2, "")
    assert len(errors) == 2, errors  # ours, and make's own word that it stops
    assert errors[0].startswith(f"fourline: needs Python 3.11 or newer as {python}.")
    assert errors[1].startswith("make: ***")


def test_ctrl_c_ends_it_without_another_word(tmp_path: Path) -> None:
    port = free_port()
    with running(["make", "run"], environment(tmp_path, PORT=str(port))) as process:
        while not (line := process.line()).startswith("Fourline is at "):
            assert line.startswith("fourline: installing ")
        assert status(f"http://127.0.0.1:{port}/") == 200
        process.interrupt()
        assert process.ended() in (0, 130, -2)
        assert process.errors == []


def test_the_pinned_requirements_name_no_machine() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--index" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert all("==" in line for line in pinned)
        assert text.count("--hash=") >= len(pinned)
