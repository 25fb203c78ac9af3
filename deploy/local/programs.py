"""Finding the programs to run, and waiting for their ports."""

import os
import socket
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 20.0
"""Seconds; a busy machine starts slowly."""


class Missing(Exception):
    """Something can't be run here; the text is the one line to show."""


def wait_for_port(port: int, within: float = START_WITHIN) -> None:
    """Wait until something listens on a port of loopback.

    Raises:
        Missing: nothing does, in so many seconds.
    """
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Missing(f"nothing listens on port {port} after {within:.0f} s")


def first_executable(candidates: Iterator[Path | str | None], advice: str) -> str:
    """The first of these that can be run.

    Raises:
        Missing: none can; says `advice`.
    """
    for candidate in candidates:
        if candidate is not None and os.access(candidate, os.X_OK):
            return str(candidate)
    raise Missing(advice)


def package_folder(package: str) -> Path | None:
    """Where an installed Python package has its files; None where it isn't installed."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None
