"""Signing in is locked for a name from an address after too many failures there; from elsewhere it stays open.

django-axes counts, in the database that all processes share; this tells it who and where, and what a locked-out person
sees. Nobody can lock another out: it takes failures from that other's own address.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from games.access import addresses
from games.protocol import ErrorCode


def client_address(request: HttpRequest) -> str | None:
    """From where, for axes: an address, or None where that is not known."""
    address = addresses.of_request(request)
    return None if address == addresses.UNKNOWN else address


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Whose name, for axes: capitals don't matter to sign in, so they don't to be locked.

    Args:
        request: of the attempt.
        credentials: what it was tried with; where axes has none any more, the form's.
    """
    name = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(name).lower()[:254]


def locked(request: HttpRequest, *_: Any) -> HttpResponse:
    """What somebody who is locked out is told, status 429: a page, or an error of the API."""
    minutes = settings.SIGN_IN_LOCK_MINUTES
    if request.path.startswith("/api/"):
        message = f"Too many failures to sign in. Try again in {minutes} minutes."
        response: HttpResponse = JsonResponse({"code": ErrorCode.RATE_LIMITED, "message": message}, status=429)
    else:
        response = render(request, "registration/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
