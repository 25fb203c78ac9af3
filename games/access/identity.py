"""Who a connection is: the site's session cookie, or a JSON Web Token of the API; and whether its Origin is ours.

Reading the handshake (`read_claim`) touches no database; `verify` does, in a reader's thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken

from games.access import families
from games.protocol import SUBPROTOCOL, ErrorCode, GameError
from games.storage import prepared
from games.storage.loading import utc

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
    """Whether a page of this very site opened the connection.

    Unlike Channels' validator this holds the Origin against the Host, port included, and lets nothing in by ``*``.
    Where the site is on HTTPS, a page that came by HTTP is a foreign one: anybody on the way may have written it.
    """
    if origin.lower() in {trusted.lower() for trusted in settings.CSRF_TRUSTED_ORIGINS}:
        return True
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS[page.scheme]
        same = (page.hostname, page.port or default) == (here.hostname, here.port or default)
    except (KeyError, ValueError):
        return False
    is_secure_enough = page.scheme == "https" or not settings.IS_HTTPS
    return same and is_secure_enough and "@" not in origin and _is_allowed(split_domain_port(host)[0])


def _is_allowed(domain: str) -> bool:
    return validate_host(domain, settings.ALLOWED_HOSTS or ["localhost", ".localhost", "127.0.0.1", "[::1]"])


def _session_key(headers: dict[bytes, bytes]) -> str | None:
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel is not None else None


def verify(claim: Claim) -> Identity:
    """Who a claim stands for. Reads the database.

    Returns:
        `NOBODY` for no claim, and for a session that is none (any more).

    Raises:
        GameError: ``unauthenticated``, a token that is bad or expired, or whose user is gone.
    """
    if claim.token is not None:
        return _verify_token(claim.token)
    if claim.session_key is None:
        return NOBODY
    session = import_module(settings.SESSION_ENGINE).SessionStore(claim.session_key)
    request = HttpRequest()
    request.session = session
    user = get_user(request)
    if not user.is_authenticated:
        return NOBODY
    return Identity(user.pk, user.get_username(), claim.session_key, _credentials(user))


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
    people = {pk: tuple(rest) for pk, *rest in prepared.rows(_active_people, [i.player_id or 0 for i in known])}
    keys = [identity.session_key for identity in known if identity.session_key]
    sessions = {key for key, expire_date in prepared.rows(_sessions, keys) if utc(expire_date) > now}
    revoked = families.ended({identity.family for identity in known if identity.family})
    return {
        identity
        for identity in known
        if people.get(identity.player_id) != identity.credentials
        or (identity.session_key is not None and identity.session_key not in sessions)
        or identity.family in revoked
    }


def _active_people(player_ids: Sequence[int]) -> QuerySet[Any, Any]:
    people = get_user_model()._default_manager.filter(pk__in=player_ids, is_active=True)
    return people.values_list("pk", "password", "sign_outs")


def _sessions(keys: Sequence[str]) -> QuerySet[Any, Any]:
    return Session.objects.filter(session_key__in=keys).values_list("session_key", "expire_date")
