"""Seen from outside: ``/healthz``, ``/readyz`` and ``/metrics``.

They are answered by a middleware before all others, because a probe comes with an address of its own for a host, over
plain HTTP, and without a session; and so that they need no thread.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import CONTENT_TYPE_LATEST

from config import bodies
from games import metrics
from games.access import addresses
from games.runtime import Runtime, call

log = logging.getLogger("fourline.health")


MAX_CLOCK_OFFSET = 0.5
"""Seconds. Games go by the database's clock in any case; sessions, tokens and the log go by the machine's."""


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives and its loop turns."""
    return _text("ok")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 while the process serves: it does not drain, and the store answers, is migrated and takes what is written.

    Without Redis play goes on, within a process at once and between processes through the store, so our layer's being
    away is told and no reason for 503. With a layer of somebody else's nothing goes on, and it has to answer.
    """
    here = Runtime.here()
    if here.connections.is_draining:
        return _text("draining", 503)
    if here.connections.stands_aside:
        return _text("not ready: the database serves others and not this process", 503)
    lack = await here.readiness.lack()
    if lack is not None:
        return _text(f"not ready: {lack}", 503)
    if abs(here.store_time.offset) > MAX_CLOCK_OFFSET:
        return _text("not ready: this machine's clock differs from the database's", 503)
    layer = here.broadcast.layer
    if not await layer.answers():
        return _text("not ready: the channel layer does not answer", 503)
    return _text("ready" if layer.is_up else "ready, without the shared layer")


async def show_metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's page: with ``METRICS_TOKEN`` for whoever has it, without for direct neighbours."""
    if not _may_see_metrics(request):
        return _text("forbidden", 403)
    here = Runtime.here()
    has_store = await here.readiness.lack() is None
    return HttpResponse(metrics.exposition(_now(here, has_store)), content_type=CONTENT_TYPE_LATEST)


def _now(here: Runtime, has_store: bool) -> metrics.Now:
    layer, connections = here.broadcast.layer, here.connections
    return metrics.Now(
        has_store=has_store,
        connections=len(connections),
        live_games=len(here.live_games),
        journal_waiting=here.journal.waiting,
        journal_failures=here.journal.failures,
        layer_dropped=layer.dropped,
        layer_unsent=layer.unsent,
        store_clock_offset=here.store_time.offset,
        is_layer_up=layer.is_up,
        neighbours=len(here.neighbours),
        is_draining=connections.is_draining,
        stands_aside=connections.stands_aside,
    )


def _may_see_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return addresses.is_near(request)


def _text(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    # Django logs a 5xx as an error unless this is set. What a probe is told is no error.
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


def _is_probe(request: HttpRequest) -> bool:
    return request.path in _PROBES and not bodies.is_too_big(request)


@sync_and_async_middleware
def answer_probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, before all others: answers the three addresses and passes everything else on."""
    if iscoroutinefunction(get_response):

        async def pass_on_async(request: HttpRequest) -> HttpResponse:
            if _is_probe(request):
                return await _answer(request)
            response: HttpResponse = await get_response(request)
            return response

        return pass_on_async

    def pass_on(request: HttpRequest) -> HttpResponse:
        if _is_probe(request):
            return call(lambda _: _answer(request))
        response: HttpResponse = get_response(request)
        return response

    return pass_on
