"""A whole cluster on loopback: PostgreSQL, Valkey, application processes and nginx, each killed as a test wishes."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from deploy.local.nginx import Nginx
from deploy.local.postgresql import Postgres
from deploy.local.programs import wait_for_port
from deploy.local.valkey import Valkey
from tests.support.servers import ROOT, ServerProcess, free_port
from tests.support.services import Helper, Service

PROCESSES = 3
CSRF = "c" * 32


@dataclass(frozen=True)
class Person:
    """A player with a session."""

    player_id: int
    name: str
    session: str


@dataclass(frozen=True)
class Table:
    """A game and its people."""

    game_id: str
    people: tuple[Person, Person]


class Cluster:
    """All of it. Made once for a worker; `restore` before each test.

    Args:
        folder: for everything; all users may enter it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._helpers: dict[str, Helper] = {}
        self.postgres = Postgres(folder / "postgres", free_port())
        self.valkey = Valkey(folder / "valkey", free_port())
        self.postgres.prepare()
        self.valkey.prepare()
        settings = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "TRUSTED_PROXIES": "127.0.0.1",
            "DRAIN_SECONDS": "1",
        }
        self.apps = [ServerProcess("uvicorn", folder, **settings) for _ in range(PROCESSES)]
        self.nginx = Nginx(folder / "nginx", free_port(), [app.port for app in self.apps])
        self.nginx.log_level = "notice"  # which tells of its workers
        self.nginx.listen_extra = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Test-Address;\n"
        self.nginx.prepare()
        self.services = {
            "postgres": Service(self.postgres.command, folder / "postgres.log"),
            "valkey": Service(self.valkey.command, folder / "valkey.log"),
            "nginx": Service(self.nginx.command, folder / "nginx.log"),
        }

    @property
    def ws_url(self) -> str:
        """Where nginx takes sockets."""
        return f"ws://127.0.0.1:{self.nginx.port}"

    @property
    def url(self) -> str:
        """Where nginx takes requests."""
        return f"http://127.0.0.1:{self.nginx.port}"

    def start(self) -> None:
        """Start everything for the first time."""
        for service in self.services.values():
            service.start()
        self.postgres.wait()
        self.postgres.create_database()
        self.apps[0].manage("migrate", "--verbosity", "0")
        self.restore()

    def restore(self) -> None:
        """Start whatever doesn't run."""
        for service in self.services.values():
            service.start()
        self.postgres.wait()
        for port in (self.valkey.port, self.nginx.port):
            wait_for_port(port)
        idle = [app for app in self.apps if app.process is None or app.process.poll() is not None]
        with ThreadPoolExecutor(PROCESSES) as threads:
            list(threads.map(lambda app: app.start(), idle))

    def stop(self) -> None:
        """Stop everything."""
        if self._connection is not None:
            self._connection.close()
        for helper in self._helpers.values():
            helper.end()
        for app in self.apps:
            if app.process is not None:
                app.stop()
        for name in ("nginx", "valkey"):
            self.services[name].stop()
        self.services["postgres"].stop(signal.SIGINT)

    @contextlib.contextmanager
    def balanced_between(self, ports: list[int]) -> Iterator[None]:
        """Have nginx send people to other ports than the processes', for a while."""
        usual = self.nginx.processes
        for chosen in (ports, usual):
            self.nginx.processes = chosen
            self.nginx.write_processes()
            started = self.nginx_workers()
            self.services["nginx"].tell(signal.SIGHUP)
            while self.nginx_workers() == started:
                time.sleep(0.05)
            if chosen is ports:
                yield

    def post(self, app: int, path: str, person: Person, **fields: str) -> int:
        """Press a button of a page on one process, with what its form holds; the status of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.apps[app].port, timeout=20)
        try:
            cookies = f"sessionid={person.session}; csrftoken={CSRF}"
            headers = {"Cookie": cookies, "X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode(fields), headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def helper(self, module: str, number: int = 1) -> Helper:
        """One that runs, started when it is first wanted, and again after it has ended or settings have changed.

        Args:
            module: its name in `tests.cluster`.
            number: which of several.
        """
        name, env = f"{module}{number}", self.apps[0].env
        helper = self._helpers.get(name)
        if helper is None or not helper.serves(env):
            if helper is not None:
                helper.end()
            helper = self._helpers[name] = Helper(f"tests.cluster.{module}", env, self.folder / f"{name}.log")
        return helper

    # --- what is stored -----------------------------------------------------------------------------------------

    def seat(self, games: int, **options: Any) -> list[Table]:
        """New games in progress, each between two new people.

        Args:
            games: how many.
            options: for `tests.cluster.seed`.
        """
        seeder = self.helper("seed")
        seeder.tell(json.dumps({"games": games, **options}))
        made = json.loads(seeder.hear())
        return [Table(table["game"], tuple(Person(**person) for person in table["people"])) for table in made]

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        return self._execute(query, parameters).fetchall()

    def do(self, statement: str, *parameters: Any) -> None:
        """Alter the database behind everybody's back."""
        self._execute(statement, parameters)

    def _execute(self, statement: str, parameters: tuple[Any, ...]) -> "psycopg.Cursor[tuple[Any, ...]]":
        """On a connection that is kept, and made anew after PostgreSQL's restart."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.OperationalError):
                return self._connection.execute(statement, parameters)  # type: ignore[call-overload]  # a test's text
            self._connection.close()
        self._connection = psycopg.connect(self.postgres.url, autocommit=True, connect_timeout=5)
        return self._connection.execute(statement, parameters)  # type: ignore[call-overload]  # as above

    @staticmethod
    def run(command: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; what it printed."""
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)

    def moves_of(self, game_id: str) -> dict[int, int]:
        """The stored columns by ply."""
        rows = self.ask("SELECT number - 1, \"column\" FROM games_change WHERE kind = 'move' AND game_id = %s", game_id)
        return {int(ply): int(column) for ply, column in rows}

    def state_of(self, game_id: str) -> tuple[str, str, int | None]:
        """State, reason and winner."""
        [(state, reason, winner)] = self.ask("SELECT state, reason, winner FROM games_game WHERE id = %s", game_id)
        return state, reason, winner

    def verify(self) -> None:
        """Every stored game must hold."""
        self.apps[0].manage("verify_games")

    def nginx_workers(self) -> int:
        """How many worker processes nginx has started so far."""
        return (self.folder / "nginx.log").read_text().count("start worker process ")

    def forget_logs(self) -> None:
        """Begin the processes' logs anew."""
        for app in self.apps:
            app.log_path.write_text("")

    @property
    def logs(self) -> str:
        """What all processes have printed."""
        return "".join(app.log for app in self.apps)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster, removed at the end."""
    # Not pytest's own temporary folder: that is closed to the user who runs PostgreSQL where we are root.
    folder = Path(tempfile.mkdtemp(prefix="fourline-cluster-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        with contextlib.suppress(AssertionError):  # where it never started there is less to stop
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)
