"""What makes ``.venv`` and installs into it."""

import importlib.util
import os
import subprocess
import venv
from pathlib import Path

import pytest

from config import bootstrap
from config.bootstrap import CannotPrepare, prepare, prepare_system


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a requirements file, and a pip that has nowhere to ask."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def test_it_makes_the_environment_once_and_again_when_requirements_change(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(["requirements.txt"], checkout)
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert "installing requirements.txt" in capsys.readouterr().out
    prepare(["requirements.txt"], checkout)
    assert capsys.readouterr().out == ""

    (checkout / "requirements.txt").write_text(f"no-such-thing==1 --hash=sha256:{64 * '0'}\n")
    with pytest.raises(CannotPrepare, match="pip could not install requirements") as caught:
        prepare(["requirements.txt"], checkout)
    assert "is there a network?" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "no-such-thing" in (checkout / ".venv" / "pip.log").read_text()
    with pytest.raises(CannotPrepare):  # what failed is tried again
        prepare(["requirements.txt"], checkout)


def test_an_environment_without_pip_is_made_anew(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = checkout / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    made = []
    monkeypatch.setattr(venv, "create", lambda folder, **options: made.append((folder, options)))
    with pytest.raises(CannotPrepare):  # the broken one is still there, as nothing was really made
        prepare(["requirements.txt"], checkout)
    assert made == [(checkout / ".venv", {"clear": True, "with_pip": True})]


def test_a_missing_venv_module_is_one_line(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(CannotPrepare, match="apt install python3-venv"):
        prepare(["requirements.txt"], checkout)


def test_a_folder_that_cannot_be_written_is_one_line(checkout: Path) -> None:
    (checkout / ".venv").touch()  # a file in the way stops root too
    with pytest.raises(CannotPrepare, match=r"cannot make .*\.venv"):
        prepare(["requirements.txt"], checkout)


def test_the_line_goes_to_standard_error_with_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(requirements: list[str]) -> None:
        raise CannotPrepare("no.")

    monkeypatch.setattr(bootstrap, "prepare", refuse)
    assert bootstrap.main(["requirements.txt"]) == 1
    assert capsys.readouterr().err == "fourline: no.\n"


# --- the system's packages --------------------------------------------------------------------------------------


class System:
    """A machine with these commands, and what was run on it."""

    def __init__(self, *commands: str, fails: str = "") -> None:
        self.commands = commands
        self.fails = fails
        self.ran: list[str] = []

    def which(self, command: str) -> str | None:
        return f"/usr/bin/{command}" if command in self.commands else None

    def run(self, command: list[str], **_: object) -> "subprocess.CompletedProcess[bytes]":
        line = " ".join(command)
        self.ran.append(line)
        return subprocess.CompletedProcess(command, 1 if self.fails and self.fails in line else 0, b"", b"")

    def prepare(self, *packages: str) -> bool:
        return prepare_system(packages, self.which, self.run)


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_what_is_there_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    system = System("chromium-browser", "apt-get")
    assert system.prepare("chromium")
    assert system.ran == []
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("as_root")
def test_root_installs_after_an_update() -> None:
    system = System("apt-get", "nginx")
    assert system.prepare("chromium", "nginx")
    assert system.ran == ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]


@pytest.mark.usefixtures("as_user")
def test_a_user_installs_where_sudo_asks_no_question() -> None:
    system = System("apt-get", "sudo")
    assert system.prepare("chromium")
    assert system.ran[0] == "sudo --non-interactive true"
    assert system.ran[1].startswith("sudo --non-interactive ")
    assert system.ran[2].endswith("apt-get install --yes --no-install-recommends chromium")


@pytest.mark.usefixtures("as_user")
@pytest.mark.parametrize(
    "system", [System("apt-get"), System("apt-get", "sudo", fails="sudo"), System("dnf")], ids=["bare", "asks", "other"]
)
def test_who_may_not_install_is_told_how(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    assert not system.prepare("chromium")
    assert not any("install" in line for line in system.ran)
    assert "As root: apt-get install --yes --no-install-recommends chromium" in capsys.readouterr().out


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("fails", ["update", "install"])
def test_what_fails_is_said(fails: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not System("apt-get", fails=fails).prepare("chromium")
    assert "that failed; by hand: apt-get" in capsys.readouterr().out
