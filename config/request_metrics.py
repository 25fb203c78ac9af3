"""Answers to people and programs, counted by status and timed: what /metrics says of pages and the API."""

import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from games.metrics import figures


@sync_and_async_middleware
def measure_answers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, around all others but the probes: counts each answer, and how long it took to make."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            started = time.perf_counter()
            return _count(request, await get_response(request), started)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        return _count(request, get_response(request), started)

    return answer


def _count(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    # Static files are quick and many: among them nobody would see a slow page.
    if not request.path.startswith(settings.STATIC_URL):
        way = "api" if request.path.startswith("/api/") else "page"
        figures.answers[way, f"{response.status_code // 100}xx"] += 1
        figures.answer_seconds.observe(time.perf_counter() - started)
    return response
