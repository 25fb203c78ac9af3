"""``make cluster``: PostgreSQL, Valkey, several application processes and nginx on this machine, as in production.

What dies or hangs is started again, so that one may kill -9 any of them and watch play go on. Ctrl-C, SIGTERM or a
closed terminal ends them in order: the processes drain, PostgreSQL waits for them. What they make is in FOURLINE_DATA,
var/cluster unless it is set.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.nginx import Nginx
from deploy.local.postgresql import Postgres
from deploy.local.programs import ROOT, Missing
from deploy.local.supervisor import Program, Supervisor
from deploy.local.valkey import Valkey

STOP_WITHIN: Final = 15
"""Seconds that everything gets for its end, before it is killed."""
MAX_PROCESSES: Final = 64
WATCHDOG: Final = 2.0
"""Seconds, as in deploy/systemd/fourline@.service."""


@dataclass(frozen=True)
class Plan:
    """What to run."""

    folder: Path
    host: str
    port: int
    postgres: Postgres
    valkey: Valkey
    nginx: Nginx
    environment: dict[str, str]

    @property
    def commands(self) -> dict[str, list[str]]:
        """The name and command of every process that runs for good."""
        serve = [sys.executable, str(ROOT / "manage.py"), "serve", "--port"]
        apps = {f"app{n}": [*serve, str(port)] for n, port in enumerate(self.nginx.processes, 1)}
        services = {"postgres": self.postgres.command, "valkey": self.valkey.command, "nginx": self.nginx.command}
        return services | apps


def plan(environment: Mapping[str, str]) -> Plan:
    """What the environment asks for.

    Args:
        environment: PORT (8000), PROCESSES (2), HOST (127.0.0.1), FOURLINE_DATA (var/cluster).

    Raises:
        Missing: one of them makes no sense, or a port is taken.
    """
    host = environment.get("HOST", "") or "127.0.0.1"
    port = _number(environment, "PORT", 8000, 65535)
    count = _number(environment, "PROCESSES", 2, MAX_PROCESSES)
    folder = Path(environment.get("FOURLINE_DATA", "") or ROOT / "var" / "cluster").resolve()
    own = _free_ports(count + 2)
    postgres = Postgres(folder / "postgres", own[0])
    valkey = Valkey(folder / "valkey", own[1])
    nginx = Nginx(folder / "nginx", port, own[2:], host, static=folder / "site" / "static")
    return Plan(folder, host, port, postgres, valkey, nginx, {})


def run(environment: Mapping[str, str]) -> int:
    """Prepare and run everything until Ctrl-C.

    Args:
        environment: see `plan`; settings of the application are passed on.

    Returns:
        The exit status: 0 after Ctrl-C, 1 where something could not be kept up.

    Raises:
        Missing: something that is needed isn't there.
    """
    what = plan(environment)
    for binary in (what.nginx.binary, lambda: what.valkey.command, lambda: what.postgres.command):
        binary()  # says what is missing before anything is made
    try:
        what.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Missing(f"cannot make {what.folder}: {error.strerror}. Set FOURLINE_DATA to another folder") from None
    with _alone_in(what.folder, f"http://{_shown(what.host)}:{what.port}"):
        _check_free(what.host, what.port)
        for service in (what.postgres, what.valkey, what.nginx):
            service.prepare()
        settings = dict(environment) | _settings(what)
        _prepare_database(what, settings)
        return _run_all(what, settings)


def _settings(what: Plan) -> dict[str, str]:
    """The application's, as a production environment would give them."""
    shown = _shown(what.host)
    return {
        "FOURLINE_DATA": str(what.folder / "site"),  # for its user alone, which the folder above can't be
        "DATABASE_URL": what.postgres.url,
        "REDIS_URL": what.valkey.url,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([shown, "localhost", "127.0.0.1", "[::1]"])),
        "TRUSTED_PROXIES": "127.0.0.1",
        "HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }


def _prepare_database(what: Plan, settings: Mapping[str, str]) -> None:
    """Bring the database and the static files up to date, with a PostgreSQL that runs only for that."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(what.postgres.command, stdout=quiet, stderr=quiet, start_new_session=True) as server:
        try:
            what.postgres.wait()
            what.postgres.create_database()
            prepare = [sys.executable, str(ROOT / "manage.py"), "prepare", "--static"]
            # A session of its own: Ctrl-C is for us, and ends it with us.
            if subprocess.run(prepare, env=settings, start_new_session=True).returncode:
                raise Missing("the database or the static files could not be prepared")
        finally:
            server.send_signal(signal.SIGINT)


def _run_all(what: Plan, settings: Mapping[str, str]) -> int:
    """Keep everything up until we are told to stop."""

    async def keep_up() -> int:
        supervisor = Supervisor(_programs(what, settings), what.folder, STOP_WITHIN)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the last: the terminal was closed
            loop.add_signal_handler(number, supervisor.stop)
        telling = loop.create_task(_tell_when_it_serves(what, supervisor))
        try:
            return await supervisor.run()
        finally:
            telling.cancel()

    return asyncio.run(keep_up())


def _programs(what: Plan, settings: Mapping[str, str]) -> list[Program]:
    """All that runs for good. People are sent away before nginx ends, and all are gone when PostgreSQL does."""
    programs = []
    for name, command in what.commands.items():
        is_app = name.startswith("app")
        rank = 0 if is_app else 2 if name == "postgres" else 1
        programs.append(Program(name, command, settings, WATCHDOG if is_app else None, rank))
    return programs


async def _tell_when_it_serves(what: Plan, supervisor: Supervisor) -> None:
    """Say where it is when a page is served there, and not before."""
    shown = f"http://{_shown(what.host)}:{what.port}"
    while not await asyncio.to_thread(_serves, f"{shown}/accounts/login/"):
        await asyncio.sleep(0.2)
    count = len(what.nginx.processes)
    supervisor.say(f"Fourline is at {shown}, by {count} processes (Ctrl-C ends it; whatever dies is started again)")


def _serves(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as page:  # noqa: S310  our own address
            return bool(page.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def _alone_in(folder: Path, address: str) -> Iterator[None]:
    """Hold the folder as long as we run.

    Raises:
        Missing: another cluster runs in it.
    """
    path = folder / "running"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            first = lock.read().strip() or "another one"
            raise Missing(f"{first} still runs in {folder}. End it, or set FOURLINE_DATA to another folder") from None
        lock.truncate(0)
        lock.write(f"the cluster at {address} (process {os.getpid()})")
        lock.flush()
        yield


def _number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Missing(f"{name} must be a number from 1 to {most}, not {text!r}")
    return int(text)


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = f"can't listen on {host} port {port}: {error.strerror}. Another: PORT=9000 make cluster"
            raise Missing(why) from None


def _free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _shown(host: str) -> str:
    unspecified = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  only what to show for it
    return unspecified.get(host, f"[{host}]" if ":" in host else host)


def main() -> int:
    """Run; one line and status 1 where that can't be done."""
    try:
        return run(os.environ)
    except Missing as missing:
        print(f"fourline: {missing}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
