"""Pages for errors: 404; of the server: 503 with Retry-After without a database or a free descriptor, else 500."""

import errno
import sys
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.template import loader
from django.utils.decorators import sync_and_async_middleware

from games.runtime import Runtime
from games.storage.readiness import Lack

RETRY_AFTER = 3
"""Seconds after which a browser or a program may ask again."""
ANSWERED_WITHIN = 0.5
"""Seconds for which an answer of the store to anybody shows that it is there."""
NO_DESCRIPTOR = {errno.EMFILE, errno.ENFILE}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler404``; its own reads forms, and makes a 500 of one that can't be read."""
    return HttpResponseNotFound(loader.render_to_string("404.html", request=request))


def failed(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: called while the error is being handled, and must not need the database itself."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError) or getattr(error, "errno", None) in NO_DESCRIPTOR:
        return _unavailable()
    return HttpResponse(loader.render_to_string("500.html"), status=500)


@sync_and_async_middleware
def answer_without_store(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, before all that reads the store: while it is away people hear so within seconds.

    A store that neither answers nor refuses would hold every request, and a thread for each, as long as it is away.
    Those under way when it vanished wait for the connection's own time-outs, and behind nginx for 5 s.
    """
    if not iscoroutinefunction(get_response):
        return get_response

    async def answer(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await get_response(request) if await _has_store() else _unavailable()
        return response

    return answer


async def _has_store() -> bool:
    here = Runtime.here()
    return here.reader.has_answered_within(ANSWERED_WITHIN) or await here.readiness.lack() is not Lack.DATABASE


def _unavailable() -> HttpResponse:
    page = loader.render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})
