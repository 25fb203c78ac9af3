"""`make`, as a newcomer types it."""

import os
import re
import shutil
import subprocess
import sys
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


# --- what makes .venv -------------------------------------------------------------------------------------------------


class Checkout:
    """A folder with our Makefile and requirements that name nothing, and a pip that has nowhere to ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "Makefile", folder)
        for name in ("requirements.txt", "requirements-dev.txt"):
            (folder / name).write_text("# nothing\n")

    @property
    def command(self) -> list[str]:
        return ["make", "--no-print-directory", "-C", str(self.folder), "ready", f"PYTHON={sys.executable}"]

    @property
    def env(self) -> dict[str, str]:
        return environment(self.folder, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)

    def ready(self, python: str = sys.executable) -> tuple[int, str, list[str]]:
        """What `make ready` ends with, prints, and complains of without make's own line."""
        code, printed, errors = outcome([*self.command[:-1], f"PYTHON={python}"], self.env)
        return code, printed, [line for line in errors if not line.startswith("make: ")]

    def python(self, name: str, body: str) -> str:
        """A Python that is the system's but for what `body`, a line of shell, does first."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\n{body}\nexec {sys.executable} "$@"\n')
        path.chmod(0o755)
        return str(path)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_two_at_once_make_the_environment_once_and_again_when_requirements_change(checkout: Checkout) -> None:
    both = [
        subprocess.Popen(checkout.command, env=checkout.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [errors for _, errors in said] == ["", ""]
    assert sorted(printed for printed, _ in said) == ["", "fourline: installing requirements.txt into .venv, once …\n"]
    assert (checkout.folder / ".venv" / "bin" / "python").exists()
    (checkout.folder / "requirements.txt").touch()  # as a checkout does
    assert checkout.ready() == (0, "", [])

    (checkout.folder / "requirements.txt").write_text(f"no-such-thing==1 --hash=sha256:{64 * '0'}\n")
    for _ in range(2):  # what failed is tried again
        code, _, errors = checkout.ready()
        assert code == 2
        assert errors == [
            "fourline: pip could not install requirements.txt; is there a network? All that it said is in .venv/pip.log"
        ]
        assert "no-such-thing" in (checkout.folder / ".venv" / "pip.log").read_text()


def test_an_environment_without_pip_is_made_anew(checkout: Checkout) -> None:
    broken = checkout.folder / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert checkout.ready()[0] == 0
    assert subprocess.run([broken, "-c", "import pip"]).returncode == 0


def test_a_python_without_ensurepip_is_one_line(checkout: Checkout) -> None:
    """As Debian's is without python3-venv: a module of that name in front of the real one can't be imported."""
    (checkout.folder / "front").mkdir()
    (checkout.folder / "front" / "ensurepip.py").write_text("raise ImportError\n")
    python = checkout.python("debian", f"export PYTHONPATH={checkout.folder / 'front'}")
    code, _, errors = checkout.ready(python)
    assert (code, errors) == (2, ["fourline: Python's venv module is missing. On Debian: apt install python3-venv"])


def test_a_folder_that_cannot_be_made_is_one_line(checkout: Checkout) -> None:
    (checkout.folder / ".venv").touch()  # a file in the way stops root too
    code, _, [error] = checkout.ready()
    assert code == 2
    assert re.match(r"fourline: cannot make \.venv: .*Not a directory", error)


@pytest.mark.parametrize("name", ["Makefile", "config", "deploy/local", "manage.py"])
def test_nothing_installs_packages_of_the_system_unasked(name: str) -> None:
    paths = [ROOT / name] if (ROOT / name).is_file() else list((ROOT / name).rglob("*.py"))
    assert paths
    assert not [path for path in paths if re.search(r"apt-get|\bsudo\b", path.read_text())]


def test_the_pinned_requirements_name_no_machine() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--index" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert all("==" in line for line in pinned)
        assert text.count("--hash=") >= len(pinned)
