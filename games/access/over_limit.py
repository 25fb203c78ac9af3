"""The pages for requests that are refused for now: too many of one person or address, or of all."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from games.access.quotas import Busy, OverLimit


class TooManyRequests(MiddlewareMixin):
    """Turns what a page raises into an answer with Retry-After and a page that says why.

    `OverLimit` is 429, `Busy` is 503.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer; None for any other exception."""
        if not isinstance(exception, OverLimit | Busy):
            return None
        status = 429 if isinstance(exception, OverLimit) else 503
        context: dict[str, Any] = {"explanation": exception.message, "retry_after": exception.retry_after}
        response = render(request, exception.page, {**context, "refusal": exception}, status=status)
        response["Retry-After"] = str(exception.retry_after)
        return response
