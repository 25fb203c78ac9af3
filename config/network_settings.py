"""Settings that name hosts, networks and URLs: the site's, its proxies', and those of mail servers and Redis."""

import ipaddress
import re
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from config.environment import items, text

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_host(word: str) -> bool:
    """Whether a word can be a host's name or its IP address, the latter without brackets."""
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return _NAME.fullmatch(word) is not None
    return True


def bracketed(host: str) -> str:
    """A host as addresses and `Host` headers have it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def public_url(name: str) -> tuple[str, SplitResult]:
    """The address by which the world reaches the site, as browsers write it, with its parts; empty where it isn't set.

    Raises:
        ImproperlyConfigured: it is more or less than a scheme and a host.
    """
    url = text(name).rstrip("/")
    if not url:
        return "", urlsplit("")
    try:
        parts = urlsplit(url)
        is_plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc) and parts.port != 0
        is_right = parts.scheme in _DEFAULT_PORTS and is_plain and is_host(parts.hostname or "")
    except ValueError:
        is_right = False
    if not is_right:
        raise ImproperlyConfigured(f"{name} must look like https://fourline.example, not {url!r}.")
    # Origins are compared to the letter: in small letters, and without the port that the scheme has anyway.
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else ""
    url = f"{parts.scheme}://{bracketed(parts.hostname or '')}{port}"
    return url, urlsplit(url)


def hosts(name: str, default: list[str]) -> list[str]:
    """Names of hosts; one that begins with a dot stands for all below it too, and ``*`` for all there are.

    Raises:
        ImproperlyConfigured: one of them is none.
    """
    found = items(name) or default
    for host in found:
        if host != "*" and not is_host(host.removeprefix(".").removeprefix("[").removesuffix("]")):
            raise ImproperlyConfigured(f"{name} must be names of hosts, without scheme and port, not {host!r}.")
    return [bracketed(host) for host in found]


def host(name: str, default: str) -> str:
    """What to listen on.

    Raises:
        ImproperlyConfigured: it is neither an IP address nor a host's name.
    """
    found = text(name, default)
    if not is_host(found):
        raise ImproperlyConfigured(f"{name} must be an IP address or a host's name, not {found!r}.")
    return found


def networks(name: str) -> str:
    """Addresses and networks, comma separated.

    Raises:
        ImproperlyConfigured: one of them is none, or all the world.
    """
    found = items(name)
    try:
        is_everybody = any(ipaddress.ip_network(item).prefixlen == 0 for item in found)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be addresses or networks, comma separated: {error}.") from None
    if is_everybody:
        raise ImproperlyConfigured(f"{name} must not be everybody: whoever is trusted can claim any address.")
    return ",".join(found)


def mail(name: str) -> dict[str, Any]:
    """Django's settings of where letters go: the console unless said otherwise.

    Raises:
        ImproperlyConfigured: it is no address of a mail server.
    """
    url = text(name)
    try:
        parts = urlsplit(url)
        kind, port = parts.scheme, parts.port
        default_port = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[kind or "smtp"]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        is_plain = parts.path in ("", "/") and not parts.query and port != 0 and (user + password).isprintable()
        is_right = not url or (bool(kind) and is_plain and is_host(parts.hostname or ""))
    except (ValueError, KeyError):
        is_right = False
    if not is_right:
        # The address itself isn't shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like smtp+tls://user:password@mail.example:587.")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if url else 'console'}.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port or default_port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": kind == "smtp+tls",
        "EMAIL_USE_SSL": kind == "smtp+ssl",
        "EMAIL_TIMEOUT": 10,
    }


def sender(name: str, default: str) -> str:
    """Whom letters are from.

    Raises:
        ImproperlyConfigured: it is no address of one.
    """
    found = text(name, default)
    try:
        validate_email(parseaddr(found)[1] if "<" in found else found)
    except ValidationError:
        raise ImproperlyConfigured(f"{name} must look like Fourline <fourline@mail.example>, not {found!r}.") from None
    return found


def redis_urls(name: str) -> list[str]:
    """Where Redis or Valkey is; several share the groups between them.

    Raises:
        ImproperlyConfigured: one of them is no such address, or there twice.
    """
    urls = items(name)
    if not all(map(_is_redis_url, urls)) or len(set(urls)) < len(urls):
        # The address itself isn't shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0; several are separated by commas.")
    return urls


def _is_redis_url(url: str) -> bool:
    from redis import ConnectionPool

    try:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            is_place = bool(parts.path)
        else:
            is_database = re.fullmatch(r"/?[0-9]{0,4}", parts.path) is not None  # redis-py ignores what is no number
            is_place = is_host(parts.hostname or "") and parts.port != 0 and is_database
        ConnectionPool.from_url(url).make_connection()  # connects to nothing; refuses options that it doesn't know
    except Exception:  # the library raises whatever an option's value makes it stumble over
        return False
    return is_place and parts.scheme in ("redis", "rediss", "unix") and unquote(url).isprintable()
