"""Seen from outside: ``/healthz``, ``/readyz`` and ``/metrics``.

They are answered by a middleware before all others, because a probe comes with an address of its own for a host, over
plain HTTP, and without a session; and so that they need no thread.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import CONTENT_TYPE_LATEST

from games import metrics
from games.access import addresses
from games.registry.registry import Registry, call

log = logging.getLogger("fourline.health")

ANSWER_WITHIN = 2.0
"""Seconds in which the channel layer has to answer."""


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives and its loop turns."""
    return _text("ok")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 only when database and channel layer answer and the server is not draining; 503 says what is missing."""
    registry = Registry.here()
    if registry.connections.is_draining:
        return _text("draining", 503)
    missing = [
        name
        for name, is_there in (("database", await _has_database(registry)), ("channel layer", await _has_layer()))
        if not is_there
    ]
    return _text(f"no answer: {', '.join(missing)}", 503) if missing else _text("ready")


async def show_metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's page: with ``METRICS_TOKEN`` for whoever has it, without for direct neighbours."""
    if not _may_see_metrics(request):
        return _text("forbidden", 403)
    return HttpResponse(metrics.exposition(Registry.here()), content_type=CONTENT_TYPE_LATEST)


def _may_see_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return addresses.is_near(request)


async def _has_database(registry: Registry) -> bool:
    try:
        await registry.reader.read(_ask_database)
    except (DatabaseError, InterfaceError, TimeoutError) as error:
        log.warning("the database doesn't answer: %s", error)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _has_layer() -> bool:
    """Whether a message sent to a channel of ours comes back."""
    layer: Any = get_channel_layer()
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            check = getattr(layer, "check", None)
            if check is not None:
                await check()
                return True
            channel = await layer.new_channel()
            await layer.send(channel, {"type": "readyz"})
            await layer.receive(channel)
    except Exception as error:  # A layer raises what its library raises; none of it means ready.
        log.warning("the channel layer doesn't answer: %s", error)
        return False
    if hasattr(layer, "forget_channel"):
        layer.forget_channel(channel)
    return True


def _text(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    # What Django looks at before it logs a 5xx as an error: a probe's answer is none.
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
    return response


_PROBES: dict[str, Callable[[HttpRequest], Awaitable[HttpResponse]]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": show_metrics,
}


async def _answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    return await _PROBES[request.path](request)


@sync_and_async_middleware
def answer_probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, before all others: answers the three addresses and passes everything else on."""
    if iscoroutinefunction(get_response):

        async def pass_on_async(request: HttpRequest) -> HttpResponse:
            if request.path in _PROBES:
                return await _answer(request)
            response: HttpResponse = await get_response(request)
            return response

        return pass_on_async

    def pass_on(request: HttpRequest) -> HttpResponse:
        if request.path in _PROBES:
            return call(lambda _: _answer(request))
        response: HttpResponse = get_response(request)
        return response

    return pass_on
