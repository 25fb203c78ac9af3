"""Guests: people who play without an account.

The first act that needs somebody makes one, quietly, with a session; signing up makes an account of the same row, so
that the games stay. A guest is a user without a usable password whose player's row says so (`Player.guest`).
"""

import math
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac

from games.access import addresses
from games.access.quotas import OverLimit, Quota, quotas
from games.game.names import GUEST_PREFIX
from games.models import Player
from games.protocol import ErrorCode, GameError
from games.rules import ids
from lobby.models import Guest, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
SESSION = timedelta(days=90)
"""How long a guest's session lasts after the guest last began or joined something."""
UNUSED_FOR = timedelta(days=1)
"""After so long a guest who never moved is deleted."""
AT_ONCE_WITHIN = timedelta(minutes=15)
"""Guests count as being there at once who have been made, or began or joined something, so recently."""
ONE_PRESS = timedelta(seconds=30)
"""Within so long the same browser without a session gets the same guest: two tabs, or a button pressed twice."""
NOTED_EVERY = timedelta(minutes=1)
"""Guests' acts are noted no more often."""
ATTEMPTS = 3
"""Names that are tried: all are as likely, and there are a billion."""


class NoGuest(Exception):
    """Somebody is a guest no more: by signing up in another tab, or because the guest was deleted."""


def whoever_asks(request: HttpRequest) -> User | None:
    """Who does something for which somebody is needed: who is signed in, or else a guest, who is signed in by this.

    Args:
        request: a POST of a page; its session may change.

    Returns:
        None where guests are switched off: the person has to sign up.

    Raises:
        OverLimit: too many guests were made at this address, or are there at once.
        GameError: ``try_again``.
    """
    if isinstance(request.user, User):
        if request.user.is_guest:
            _note_act(request)
        return request.user
    if not settings.GUESTS:
        return None
    user = make(addresses.of_request(request), _digest("browser", request.META.get("CSRF_COOKIE")))
    _sign_in(request, user)
    return user


def is_guest(request: HttpRequest) -> bool:
    """Whether whoever asks is a guest."""
    return isinstance(request.user, User) and request.user.is_guest


def needs_account(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have a guest who asks for a page of accounts led to one's own, which says what a guest lacks."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("account") if is_guest(request) else view(request, *args, **kwargs)

    return guarded


def make(address: str, browser: str | None = None) -> User:
    """A new guest.

    Args:
        address: where it comes from.
        browser: something that all tabs of a browser share; None for a program.

    Raises:
        OverLimit: too many guests were made at this address, or are there at once.
        GameError: ``try_again``.
    """
    now, place = timezone.now(), _digest("address", address) or ""
    found = _of_browser(browser, now)
    if found is not None:
        return found
    _refuse_too_many(place, now)
    quota = Quota("guests", settings.GUESTS_PER_ADDRESS_PER_HOUR, 3600.0)
    quotas.count(quota, f"address {address}", "Many guests came from your address within the hour.")
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _store(place, browser, now)
        except IntegrityError:  # somebody has the name; or another tab was quicker
            found = _of_browser(browser, now)
            if found is not None:
                return found
    raise GameError(ErrorCode.TRY_AGAIN)


def become_account(user: User) -> None:
    """A guest is to be an account; inside the transaction that stores its name and password.

    Args:
        user: of a guest.

    Raises:
        NoGuest: it is none any more.
    """
    if not Player.objects.filter(pk=user.pk, guest=True).exclude(name__in=Player.PLACEHOLDER_NAMES).update(guest=False):
        raise NoGuest
    Guest.objects.filter(pk=user.pk).delete()


def leave(user: Any) -> None:
    """A guest signs out: the browser's next guest is another one."""
    Guest.objects.filter(pk=user.pk).update(browser=None)


def _store(place: str, browser: str | None, now: datetime) -> User:
    _lock(place)
    _refuse_too_many(place, now)
    if browser is not None:  # an earlier guest of this browser, who signed out or expired
        Guest.objects.filter(browser=browser, made_at__lte=now - ONE_PRESS).update(browser=None)
    code = "".join(secrets.choice(ids.ALPHABET) for _ in range(ids.LENGTH))
    user: User = User.objects.create_user(f"{GUEST_PREFIX}{code}")
    Player.objects.filter(pk=user.pk).update(guest=True)
    Guest.objects.create(
        player_id=user.pk, address=place, browser=browser, made_at=now, seen_at=now, due_at=now + UNUSED_FOR
    )
    return user


def _lock(place: str) -> None:
    """Let one after the other make guests for an address, so that they count each other; SQLite does so anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(place[:15], 16)])


def _refuse_too_many(place: str, now: datetime) -> None:
    recent = Guest.objects.filter(address=place, seen_at__gt=now - AT_ONCE_WITHIN).order_by("-seen_at")
    most = settings.GUESTS_PER_ADDRESS_AT_ONCE
    times = list(recent.values_list("seen_at", flat=True)[:most])
    if len(times) >= most:
        wait = (times[-1] + AT_ONCE_WITHIN - now).total_seconds()
        raise OverLimit("Many guests play from your address just now. Sign up, or wait a little.", math.ceil(wait))


def _of_browser(browser: str | None, now: datetime) -> User | None:
    """The guest whom this browser has just been given."""
    if browser is None:
        return None
    just_now = Guest.objects.filter(browser=browser, made_at__gt=now - ONE_PRESS, player__guest=True)
    return User.objects.filter(pk__in=just_now.values("pk"), is_active=True).first()


def _sign_in(request: HttpRequest, user: User) -> None:
    # Pages that this browser has open go on working: their forms carry the token of the cookie that it has.
    cookie: dict[str, str] = {
        name: request.META[name] for name in ("CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE") if name in request.META
    }
    login(request, user, backend=BACKEND)
    request.META.update(cookie)
    request.session.set_expiry(SESSION)


def _note_act(request: HttpRequest) -> None:
    now = timezone.now()
    if Guest.objects.filter(pk=request.user.pk, seen_at__lte=now - NOTED_EVERY).update(seen_at=now):
        request.session.set_expiry(SESSION)


def _digest(purpose: str, text: str | None) -> str | None:
    """What tells addresses and browsers apart without naming them."""
    return None if text is None else salted_hmac(f"fourline guests {purpose}", text, algorithm="sha256").hexdigest()
