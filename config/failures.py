"""The page for what went wrong on our side: without the store or a descriptor 503 and when to come back, else 500."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

RETRY_AFTER = 3
"""Seconds after which a browser or a program may ask again."""

NO_DESCRIPTOR = {errno.EMFILE, errno.ENFILE}


def failed(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: called while the error is being handled, and must not need the database itself."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError) or getattr(error, "errno", None) in NO_DESCRIPTOR:
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})
    return HttpResponse(loader.render_to_string("500.html"), status=500)
