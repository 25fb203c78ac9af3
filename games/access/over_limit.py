"""The page for whoever did something too often."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from games.access.quotas import OverLimit


class TooManyRequests(MiddlewareMixin):
    """Turns an `OverLimit` that a page raises into an answer: 429 with Retry-After, and a page that says why."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer; None for any other exception."""
        if not isinstance(exception, OverLimit):
            return None
        context: dict[str, Any] = {"explanation": exception.message, "retry_after": exception.retry_after}
        response = render(request, "429.html", context, status=429)
        response["Retry-After"] = str(exception.retry_after)
        return response
