"""The page for what went wrong on our side: without the store it says 503 and when to come back, else 500."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

RETRY_AFTER = 3
"""Seconds after which a browser or a program may ask again."""


def failed(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: called while the error is being handled, and must not need the database itself."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})
    return HttpResponse(loader.render_to_string("500.html"), status=500)
