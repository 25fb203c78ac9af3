"""Reading settings from the environment: what is set but wrong stops the start with one line that says so."""

import ipaddress
import os
import secrets
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

_YES, _NO = ("true", "on", "yes", "1"), ("false", "off", "no", "0", "")


def number(name: str, default: int, least: int, most: int | None = None) -> int:
    """A whole number within its bounds.

    Raises:
        ImproperlyConfigured: it is none.
    """
    try:
        value = int(env.str(name, default=str(default)))
    except ValueError:
        value = None
    if value is None or value < least or (most is not None and value > most):
        bounds = f"{least} or more" if most is None else f"{least} to {most}"
        raise ImproperlyConfigured(f"{name} must be a whole number, {bounds}.")
    return value


def switch(name: str, default: bool) -> bool:
    """Yes or no.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    text = env.str(name, default=str(default)).strip().lower()
    if text not in _YES + _NO:
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")
    return text in _YES


def choice(name: str, *choices: str) -> str:
    """One of several words, the first unless said.

    Raises:
        ImproperlyConfigured: it is another.
    """
    text = env.str(name, default=choices[0])
    found = next((word for word in choices if word.lower() == text.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {text!r}.")
    return found


def public_url(name: str) -> tuple[str, SplitResult]:
    """The address by which the world reaches the site, with its parts; empty where it isn't set.

    Raises:
        ImproperlyConfigured: it is more or less than a scheme and a host.
    """
    url = env.str(name, default="").rstrip("/")
    try:
        parts = urlsplit(url)
        is_plain = not (parts.path or parts.query or parts.fragment or parts.username) and parts.port != 0
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain
    except ValueError:
        is_right = False
    if url and not is_right:
        raise ImproperlyConfigured(f"{name} must look like https://fourline.example, not {url!r}.")
    return url, urlsplit(url)


def networks(name: str) -> str:
    """Addresses and networks, comma separated.

    Raises:
        ImproperlyConfigured: one of them is none.
    """
    items = [item.strip() for item in env.str(name, default="").split(",") if item.strip()]
    try:
        for item in items:
            ipaddress.ip_network(item)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be addresses or networks, comma separated: {error}.") from None
    return ",".join(items)


def secret_key(name: str, folder: Path) -> str:
    """The key, or else one made once and kept in the data folder.

    Raises:
        ImproperlyConfigured: nothing can be written there.
    """
    key = env.str(name, default="")
    if key:
        return key
    path = folder / "secret_key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write to {folder}: {error.strerror}. Set FOURLINE_DATA.") from None


def _write_once(path: Path, text: str) -> None:
    """Make a file with its content, both at once: of several processes that start together the first one's stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(name: str, folder: Path) -> dict[str, Any]:
    """The database's settings: SQLite in the data folder unless said otherwise.

    Raises:
        ImproperlyConfigured: it is no address, or of another kind of database.
    """
    return database_at(env.str(name, default=f"sqlite:///{folder / 'fourline.sqlite3'}"), name, folder)


def database_at(url: str, name: str, folder: Path) -> dict[str, Any]:
    """The settings of a database at an address; ``name`` is what an error calls it.

    Raises:
        ImproperlyConfigured: it is no address, or of another kind of database.
    """
    try:
        with warnings.catch_warnings(action="error"):  # it only warns of a database that it doesn't know
            found: dict[str, Any] = environ.Env.db_url_config(url)
    except Exception:  # environ raises whatever its parsing stumbles over
        raise ImproperlyConfigured(f"{name} is not an address of a database.") from None
    engine = found.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        # FULL survives a power cut and is nearly free under group commit; a writer waits for its turn instead of
        # failing on an upgrade of its lock.
        found["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
        }
        # In-memory test databases ignore the lock time-out across threads.
        found["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    elif engine == "django.db.backends.postgresql" and found.get("NAME"):
        # For the pages; the journal and the readers have connections of their own (games.storage.database). A pool
        # that could not connect waits ever longer before it tries again: it gives up at once, and the next request
        # tries.
        pool = {"min_size": 0, "max_size": 8, "timeout": 2, "reconnect_timeout": 0}
        found["OPTIONS"] = {"connect_timeout": 2, **found.get("OPTIONS", {}), "pool": pool}
        found["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured(f"{name} must be sqlite:///path or postgresql://user:password@host/name.")
    return found


def mail(name: str) -> dict[str, Any]:
    """Django's settings of where letters go: the console unless said otherwise.

    Raises:
        ImproperlyConfigured: it is no address of a mail server.
    """
    url = env.str(name, default="")
    try:
        parts = urlsplit(url)
        kind, port = parts.scheme, parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme or "smtp"]
        is_right = not url or bool(parts.hostname)
    except (ValueError, KeyError):
        is_right = False
    if not is_right:
        # The address itself isn't shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like smtp+tls://user:password@mail.example:587.")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if url else 'console'}.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": kind == "smtp+tls",
        "EMAIL_USE_SSL": kind == "smtp+ssl",
        "EMAIL_TIMEOUT": 10,
    }


def redis_urls(name: str) -> list[str]:
    """Where Redis or Valkey is; several share the groups between them.

    Raises:
        ImproperlyConfigured: one of them is no such address.
    """
    urls = [url.strip() for url in env.str(name, default="").split(",") if url.strip()]
    if not all(map(_is_redis_url, urls)):
        # The address itself isn't shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0; several are separated by commas.")
    return urls


def _is_redis_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_reachable = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        return False
    return bool(parts.path) if parts.scheme == "unix" else parts.scheme in ("redis", "rediss") and is_reachable
