"""Who a connection is: the site's session cookie, or a JSON Web Token of the API; and whether its Origin is ours.

Reading the handshake (`read_claim`) touches no database; `verify_all` does, in a reader's thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, is_password_usable
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken

from games.access import families
from games.protocol import SUBPROTOCOL, ErrorCode, GameError
from games.storage import prepared
from games.storage.loading import utc
from games.storage.prepared import MANY_AT_ONCE

_LOCAL_HOSTS = ("localhost", ".localhost", "127.0.0.1", "[::1]")
"""Whom Django lets in where nothing is set, while developing."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TOKEN_SUBPROTOCOL = "bearer."  # noqa: S105  a prefix, no secret


@dataclass(frozen=True, slots=True)
class Claim:
    """What a handshake says of its sender: a token, else a session key, else nothing."""

    token: str | None = None
    session_key: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is connected; all None for nobody."""

    player_id: int | None = None
    name: str | None = None
    session_key: str | None = None
    credentials: tuple[str, int] | None = None
    """The hash of the password, and how often the person had signed out everywhere: once one of them is another, the
    connection ends."""
    family: str | None = None
    """Of the token; it ends the connection by ending."""


NOBODY = Identity()


class ForeignOrigin(Exception):
    """The handshake comes from another site's page."""


def read_claim(scope: dict[str, Any]) -> Claim:
    """What an ASGI WebSocket scope says.

    Raises:
        ForeignOrigin: there is no token, and an Origin that is not this site's.
    """
    headers = dict(scope["headers"])
    token = _token(headers, scope.get("subprotocols") or ())
    if token is not None:
        return Claim(token=token)
    origin = headers.get(b"origin")
    if origin is None:
        return Claim()
    if not _is_own(origin.decode("latin-1"), headers.get(b"host", b"").decode("latin-1")):
        raise ForeignOrigin
    return Claim(session_key=_session_key(headers))


def chosen_subprotocol(scope: dict[str, Any]) -> str | None:
    """The subprotocol to accept with: ours whenever it is offered."""
    return SUBPROTOCOL if SUBPROTOCOL in (scope.get("subprotocols") or ()) else None


def _token(headers: dict[bytes, bytes], subprotocols: Iterable[str]) -> str | None:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    for name in subprotocols:
        if name.startswith(_TOKEN_SUBPROTOCOL):
            return name.removeprefix(_TOKEN_SUBPROTOCOL)
    return None


def _is_own(origin: str, host: str) -> bool:
    """Whether a page of this very site opened the connection."""
    return _is_same(origin, host, (*settings.CSRF_TRUSTED_ORIGINS,), (*settings.ALLOWED_HOSTS,), settings.IS_HTTPS)


@lru_cache(maxsize=256)  # the site's own few pairs, for thousands of handshakes a second
def _is_same(origin: str, host: str, trusted: tuple[str, ...], allowed: tuple[str, ...], is_https: bool) -> bool:
    """Whether a page's Origin is the Host that it asked.

    Unlike Channels' validator this holds the Origin against the Host, port included, and lets nothing in by ``*``.
    Where the site is on HTTPS, a page that came by HTTP is a foreign one: anybody on the way may have written it.
    """
    if origin.lower() in {each.lower() for each in trusted}:
        return True
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS[page.scheme]
        same = (page.hostname, page.port or default) == (here.hostname, here.port or default)
    except (KeyError, ValueError):
        return False
    is_secure_enough = page.scheme == "https" or not is_https
    domain = split_domain_port(host)[0]
    return same and is_secure_enough and "@" not in origin and validate_host(domain, allowed or _LOCAL_HOSTS)


def _session_key(headers: dict[bytes, bytes]) -> str | None:
    return parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(settings.SESSION_COOKIE_NAME)


def verify_all(claims: Sequence[Claim]) -> list[Identity | Exception]:
    """Who claims stand for. Reads the database: for sessions twice, however many they are, for each token.

    Args:
        claims: of handshakes that wait together.

    Returns:
        For each the identity: `NOBODY` for no claim, and for a session that is none (any more); or a `GameError`,
        ``unauthenticated``, for a token that is bad or expired, or whose user is gone.
    """
    of_sessions = _verify_sessions({claim.session_key for claim in claims if claim.session_key})
    return [
        of_sessions.get(claim.session_key or "", NOBODY) if claim.token is None else _verified_token(claim.token)
        for claim in claims
    ]


def _verified_token(token: str) -> Identity | Exception:
    try:
        return _verify_token(token)
    except GameError as refusal:
        return refusal


def _verify_sessions(keys: set[str]) -> dict[str, Identity]:
    """The people of sessions, as `django.contrib.auth.get_user` finds one; those that are none are left out."""
    store, now = import_module(settings.SESSION_ENGINE).SessionStore(), timezone.now()
    rows = prepared.rows(_sessions_with_data, [*keys])
    sessions = {key: store.decode(data) for key, data, expire_date in rows if utc(expire_date) > now}
    seekers = {key: pk for key, session in sessions.items() if (pk := _user_of(session)) is not None}
    model = get_user_model()
    found = prepared.rows(_active_users, [*{*seekers.values()}])
    users = {user.pk: user for user in (model.from_db(None, _fields_of_user(), row) for row in found)}
    return {
        key: Identity(user.pk, user.get_username(), key, _credentials(user))
        for key, pk in seekers.items()
        if (user := users.get(pk)) is not None and _is_good(sessions[key], user)
    }


def _user_of(session: dict[str, Any]) -> int | None:
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        return int(session[SESSION_KEY])
    except (KeyError, TypeError, ValueError):
        return None


def _is_good(session: dict[str, Any], user: Any) -> bool:
    """Whether a session began with the password that the user has now, by this key of the site or a former one."""
    begun_with = session.get(HASH_SESSION_KEY) or ""
    return constant_time_compare(begun_with, user.get_session_auth_hash()) or any(
        constant_time_compare(begun_with, former) for former in user.get_session_auth_fallback_hash()
    )


def _credentials(user: Any) -> tuple[str, int]:
    """`sign_outs` is the one field that the user model must have beyond Django's."""
    return user.password, user.sign_outs


def _verify_token(text: str) -> Identity:
    authentication = families.FamilyAuthentication()
    try:
        token = authentication.get_validated_token(text.encode())
        user = authentication.get_user(token)
    except (InvalidToken, AuthenticationFailed, UnicodeError, ValueError):
        raise GameError(ErrorCode.UNAUTHENTICATED, "That token is not valid, or has expired.") from None
    return Identity(user.pk, user.get_username(), None, _credentials(user), token[families.CLAIM])


def ended(identities: Iterable[Identity], now: datetime) -> set[Identity]:
    """Those who are signed out, deactivated, or have another password by now. Reads the database, three times at most.

    Args:
        identities: of open connections.
        now: sessions that expire later count.
    """
    known = [identity for identity in identities if identity.player_id is not None]
    found = prepared.rows(_active_people, [i.player_id or 0 for i in known], MANY_AT_ONCE)
    people = {pk: tuple(rest) for pk, *rest in found}
    keys = [identity.session_key for identity in known if identity.session_key]
    sessions = {key for key, expire_date in prepared.rows(_sessions, keys, MANY_AT_ONCE) if utc(expire_date) > now}
    revoked = families.ended({identity.family for identity in known if identity.family})
    return {
        identity
        for identity in known
        if people.get(identity.player_id) != identity.credentials
        or (identity.session_key is not None and identity.session_key not in sessions)
        or identity.family in revoked
    }


def became_accounts(identities: Iterable[Identity]) -> set[Identity]:
    """Guests among these who have accounts by now, and with them other sessions. Reads the database if there are any.

    Args:
        identities: of connections that are to end.
    """
    guests = {i for i in identities if i.session_key and i.credentials and not is_password_usable(i.credentials[0])}
    people = {pk: password for pk, password, _ in prepared.rows(_active_people, [i.player_id or 0 for i in guests])}
    return {guest for guest in guests if is_password_usable(people.get(guest.player_id, UNUSABLE_PASSWORD_PREFIX))}


def _active_people(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    people = get_user_model()._default_manager.filter(pk__in=player_ids, is_active=True)
    return people.values_list("pk", "password", "sign_outs")


_OF_USER = {"id", "username", "password", "sign_outs"}


@cache
def _fields_of_user() -> list[str]:
    """What is read of a user, in the order in which `Model.from_db` wants it."""
    return [field.attname for field in get_user_model()._meta.concrete_fields if field.attname in _OF_USER]


def _active_users(pks: Sequence[int]) -> QuerySet[Any, Any]:
    return get_user_model()._default_manager.filter(pk__in=pks, is_active=True).values_list(*_fields_of_user())


def _sessions_with_data(keys: Sequence[str]) -> QuerySet[Any, Any]:
    return Session.objects.filter(session_key__in=keys).values_list("session_key", "session_data", "expire_date")


def _sessions(keys: Sequence[str]) -> QuerySet[Any, Any]:
    return Session.objects.filter(session_key__in=keys).values_list("session_key", "expire_date")
