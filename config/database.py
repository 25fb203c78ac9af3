"""The database's settings, from its address."""

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment import text

_POSTGRESQL_NETWORK = {
    # Seconds; libpq takes fewer than 2 for 2.
    "connect_timeout": 2,
    # A server that vanished is noticed by data that it doesn't acknowledge (ms), or by missing keepalives (s).
    "tcp_user_timeout": 3000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}


def database(name: str, folder: Path) -> dict[str, Any]:
    """The database's settings: SQLite in the data folder unless said otherwise.

    Raises:
        ImproperlyConfigured: it is no address, or of another kind of database.
    """
    return database_at(text(name), name, folder)


def database_at(url: str, name: str, folder: Path) -> dict[str, Any]:
    """The settings of a database at an address.

    Args:
        url: the address; empty for SQLite in the data folder.
        name: what an error calls it.
        folder: the data folder.

    Raises:
        ImproperlyConfigured: it is no address, or of another kind of database.
    """
    found = _parsed(name, url) if url else _own(folder)
    engine = found.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        if url:
            _check_file(name, url, found["NAME"])
        # FULL survives a power cut; one commit for many moves makes it affordable. IMMEDIATE makes a writer wait for
        # the lock when its transaction begins; without it the transaction fails where it first writes.
        found["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
        }
        # In-memory test databases ignore the lock time-out across threads.
        found["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    elif engine == "django.db.backends.postgresql" and found.get("NAME"):
        _check_options(name, found.get("OPTIONS", {}))
        # For the pages; the journal and the readers have connections of their own (games.storage.database). A pool that
        # could not connect waits ever longer before it tries again: it gives up at once, and the next request tries.
        pool = {"min_size": 0, "max_size": 8, "timeout": 2, "reconnect_timeout": 0}
        found["OPTIONS"] = {**_POSTGRESQL_NETWORK, **found.get("OPTIONS", {}), "pool": pool}
        found["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured(f"{name} must be sqlite:///path or postgresql://user:password@host/name.")
    return found


def _own(folder: Path) -> dict[str, Any]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write to {folder}: {error.strerror}. Set FOURLINE_DATA.") from None
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "fourline.sqlite3")}


def _parsed(name: str, url: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings(action="error"):  # it only warns of a database that it doesn't know
            found: dict[str, Any] = environ.Env.db_url_config(url)
        is_right = urlsplit(url).port != 0 and unquote(url).isprintable()
    except Exception:  # environ raises whatever its parsing stumbles over
        is_right = False
    if not is_right:  # the address itself isn't shown: it may hold a password
        raise ImproperlyConfigured(f"{name} is not an address of a database.")
    return found


def _check_file(name: str, url: str, path: str) -> None:
    """SQLite would say less, and later; a database in memory would be another one for each thread."""
    if "?" in url:
        raise ImproperlyConfigured(f"{name} takes no options after ? for SQLite.")
    try:
        is_right = path != ":memory:" and Path(path).parent.is_dir() and not Path(path).is_dir()
    except OSError:
        is_right = False
    if not is_right:
        raise ImproperlyConfigured(f"{name} must name a file for SQLite, in a folder that is there.")


def _check_options(name: str, options: dict[str, Any]) -> None:
    """What follows ? in the address, as far as PostgreSQL's library judges it before it connects."""
    import psycopg
    from psycopg import conninfo

    given = {option: str(value) for option, value in options.items()}
    try:
        conninfo.make_conninfo(**given)
        conninfo.timeout_from_conninfo(dict(given))
    except psycopg.Error as error:
        raise ImproperlyConfigured(f"{name}: {str(error).splitlines()[0]}.") from None
