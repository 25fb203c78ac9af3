"""Every refusal below ``/api/`` is ``{"code", "message"}`` with the fitting status, whoever refuses."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from rest_framework import exceptions
from rest_framework.response import Response

from games.access.quotas import Busy, OverLimit
from games.logs import reason_of
from games.metrics import figures
from games.protocol import MESSAGES, ErrorCode, GameError

log = logging.getLogger("fourline.api")

PREFIX: Final = "/api/"
CACHEABLE: Final = frozenset({"/api/schema/", "/api/docs/"})
"""What is the same for everybody until the next version; all other answers are kept by no cache: they hold tokens, and
games as they stood for a moment."""
SERVER_ERROR: Final = "server_error"
"""The code of a failure of ours, status 500: nothing that the client could put right."""

STATUS: Final[dict[ErrorCode, int]] = {
    ErrorCode.INVALID_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_A_PARTICIPANT: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.GAME_NOT_FOUND: 404,
    ErrorCode.UNKNOWN_PLAYER: 404,
    ErrorCode.NOT_INVITED: 403,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.TRY_AGAIN: 503,
    ErrorCode.COMPUTER_UNAVAILABLE: 503,
}
"""The statuses of refusals; all others say that the game does not stand so: 409."""

TRY_AGAIN_AFTER: Final = 1
"""Seconds, in the Retry-After of a 503."""

_CODES: Final[dict[int, ErrorCode]] = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.TRY_AGAIN,
}


def status_of(code: ErrorCode) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(code, 409)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler.

    Args:
        error: what a view raised.
        context: the framework's; unused.

    Returns:
        The answer; None for a failure of ours, which Django then logs and answers with 500.
    """
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, (DatabaseError, InterfaceError, TimeoutError)):
        log.warning("storage unavailable: %s", reason_of(error))
        error = GameError(ErrorCode.TRY_AGAIN)
    if isinstance(error, GameError):
        return _refusal(error)
    if isinstance(error, exceptions.APIException):
        return _framework_refusal(error)
    return None


def _refusal(error: GameError) -> Response:
    figures.refused["api", error.code] += 1
    headers = {}
    if isinstance(error, OverLimit | Busy):
        headers["Retry-After"] = str(error.retry_after)
    elif status_of(error.code) == 503:
        headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    elif error.code is ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return Response(body(error.code, error.message), status_of(error.code), headers=headers)


def _framework_refusal(error: exceptions.APIException) -> Response:
    code = _CODES.get(error.status_code, ErrorCode.INVALID_REQUEST)
    figures.refused["api", code] += 1
    message = MESSAGES[code] if isinstance(error, exceptions.NotAuthenticated) else _sentence(error.detail)
    response = Response(body(code, message), error.status_code)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return response


def body(code: str, message: str) -> dict[str, str]:
    """The one shape of all refusals."""
    return {"code": str(code), "message": message}


def _sentence(detail: Any) -> str:
    """What the framework says, as one line: ``firstMove: not one of 1, 2, "random".``"""
    if isinstance(detail, dict):
        texts = (f"{_sentence(value)}" if name == "detail" else f"{name}: {_sentence(value)}"
                 for name, value in detail.items() if name not in ("messages", "code"))  # fmt: skip
        return " ".join(texts)
    if isinstance(detail, list):
        return " ".join(map(_sentence, detail))
    return str(detail)


@sync_and_async_middleware
def answer_in_json(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: what the framework's views didn't refuse themselves (a foreign host, no such path, a crash) too.

    It also keeps answers out of caches.
    """

    def as_json(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return response
        if request.path not in CACHEABLE:
            response.headers["Cache-Control"] = "no-store"
        if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
            return response
        return _in_json(response)

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return as_json(request, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return as_json(request, get_response(request))

    return answer


def _in_json(refused: HttpResponseBase) -> JsonResponse:
    """The same refusal, with its other headers, in our shape."""
    status = refused.status_code
    if status >= 500 and status != 503:
        content = body(SERVER_ERROR, "Something went wrong here. It has been noted.")
    else:
        code = _CODES.get(status, ErrorCode.INVALID_REQUEST)
        is_named = code is not ErrorCode.INVALID_REQUEST
        content = body(code, MESSAGES[code] if is_named else f"{HTTPStatus(status).phrase}.")
    response = JsonResponse(content, status=status)
    for name, value in refused.headers.items():
        if name not in ("Content-Type", "Content-Length", "Content-Disposition"):
            response.headers[name] = value
    return response
