"""Compiles the load client, runs it on its own core, and counts what the server spends meanwhile."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import machine

SOURCES = Path(__file__).parent / "load"
BUILD = Path(__file__).parent / "build"
CLIENT = BUILD / "load"
LONGEST_RUN = 200.0
"""Seconds after which a client is ended, whatever it does."""

Report = dict[str, Any]


class ClientFailed(RuntimeError):
    """The load client ended without a report."""


def compile_client() -> None:
    """Build the load client when its sources are newer than the binary.

    Raises:
        subprocess.CalledProcessError: the compiler refuses; FileNotFoundError: there is none.
    """
    sources = sorted(SOURCES.glob("*.c"))
    newest = max(path.stat().st_mtime for path in SOURCES.iterdir())
    if CLIENT.exists() and CLIENT.stat().st_mtime > newest:
        return
    BUILD.mkdir(exist_ok=True)
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-std=gnu11", "-o", CLIENT, *sources], check=True)


def run(
    mode: str,
    server_pids: Sequence[int],
    port: int,
    plan: Sequence[str],
    *,
    while_measuring: Callable[[], Report] | None = None,
    **options: float | str,
) -> Report:
    """Run the load client once against a server.

    Args:
        mode: `play`, `fanout`, `connect` or `idle`, see bench/README.md.
        server_pids: whose CPU, with all their children's, is counted while the client measures.
        port: where the server listens on 127.0.0.1.
        plan: a line for each connection, `PATH COOKIE`; two lines are a game.
        while_measuring: called when the measurement begins (for `idle`: all connected); its result joins the report.
        options: further options of the client, e.g. games=50.

    Returns:
        The client's report, with `server_cpu_seconds`, and `cpu_seconds_each` in the order of `server_pids`.

    Raises:
        ClientFailed: no report came.
    """
    path = BUILD / f"plan-{os.getpid()}"
    BUILD.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in plan))
    command: list[str | Path] = ["timeout", str(LONGEST_RUN), CLIENT, mode, "--port", str(port), "--plan", path]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    pin = partial(os.sched_setaffinity, 0, {machine.cores()[1]})
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=pin,  # safe: this program has no other thread
    ) as process:
        try:
            return _follow(process, server_pids, while_measuring)
        finally:
            process.terminate()
            path.unlink()


def _follow(
    process: "subprocess.Popen[str]", server_pids: Sequence[int], while_measuring: Callable[[], Report] | None
) -> Report:
    assert process.stdout  # asked for as a pipe
    assert process.stdin
    found: Report = {}
    cpu: list[float] = []
    for line in process.stdout:
        event = json.loads(line)
        match event.pop("event"):
            case "measuring":
                cpu = [machine.cpu_seconds(pid) for pid in server_pids]
                found |= while_measuring() if while_measuring else {}
                process.stdin.close()
            case "measured":
                used = [machine.cpu_seconds(pid) - before for pid, before in zip(server_pids, cpu, strict=True)]
                found |= {"server_cpu_seconds": sum(used), "cpu_seconds_each": used}
            case "report":
                process.wait(timeout=LONGEST_RUN)
                return found | event
    raise ClientFailed(f"the load client ended with status {process.wait()} and no report")
