"""Bodies of requests: bounded, and read whole before Django sees the request.

Django spools a body of any size to a file before its first middleware runs, and REST framework takes a body without a
Content-Length for none. So both are settled here: one more than `MAX_BODY_BYTES` is answered with 413 and the
connection closed, every other one has its true length, however it was sent.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.utils.decorators import sync_and_async_middleware

from games.api import errors
from games.metrics import figures
from games.protocol import ErrorCode

LINGER_SECONDS = 2.0
"""For how long a refused client may go on sending: closed at once, it might never read the answer."""
LINGER_BYTES = 1024 * 1024
"""How much of that is read, and thrown away."""

_TOO_BIG = "fourline.body_is_too_big"
"""Marks the scope of a request that is refused, in ASGI's way of naming extensions."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class TooBig(Exception):
    """A body is larger than allowed.

    Args:
        has_more: whether more of it may still come.
    """

    def __init__(self, has_more: bool) -> None:
        self.has_more = has_more


class Gone(Exception):
    """The client went away before its body had ended."""


class BoundedBodies:
    """An ASGI application for HTTP that bounds the bodies of another's requests.

    Args:
        pages: the other; it receives each body in one message.
    """

    def __init__(self, pages: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            body = await _read(scope["headers"], receive)
        except TooBig as error:
            await self._refuse(scope, send, receive if error.has_more else None)
        except Gone:
            return
        else:
            await self._pages(_with_length(scope, len(body)), _Replay(body, receive), send)

    async def _refuse(self, scope: Scope, send: Send, rest: Receive | None) -> None:
        """Let the application say so, with all its headers, then close the connection."""
        answer = _LastAnswer()
        await self._pages(_with_length({**scope, _TOO_BIG: True}, 0), _Replay(b"", _never), answer.take)
        await send(answer.start())
        # The client has the whole answer, by its Content-Length. Only the end of the connection is left.
        await send({"type": "http.response.body", "body": bytes(answer.body), "more_body": rest is not None})
        if rest is not None:
            await _linger(rest)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Replay:
    """Receives a body that was read already, and what comes after it."""

    def __init__(self, body: bytes, then: Receive) -> None:
        self._body: bytes | None = body
        self._then = then

    async def __call__(self) -> dict[str, Any]:
        if self._body is None:
            return await self._then()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _LastAnswer:
    """Keeps an answer, to send it as the last on its connection."""

    def __init__(self) -> None:
        self._message: dict[str, Any] = {}
        self.body = bytearray()

    async def take(self, message: dict[str, Any]) -> None:
        """ASGI's ``send``."""
        if message["type"] == "http.response.start":
            self._message = message
        else:
            self.body += message.get("body", b"")

    def start(self) -> dict[str, Any]:
        """Its first message."""
        own = [(b"content-length", str(len(self.body)).encode()), (b"connection", b"close")]
        others = [header for header in self._message["headers"] if header[0].lower() != b"content-length"]
        return {**self._message, "headers": others + own}


async def _never() -> dict[str, Any]:
    """Receives nothing more."""
    nothing: dict[str, Any] = await asyncio.get_running_loop().create_future()
    return nothing


async def _read(headers: Headers, receive: Receive) -> bytes:
    """A whole body, unless it is announced or turns out to be too big.

    Raises:
        TooBig, Gone
    """
    most = settings.MAX_BODY_BYTES
    if any(name == b"content-length" and value.isdigit() and int(value) > most for name, value in headers):
        raise TooBig(has_more=True)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > most:
            raise TooBig(has_more)
        if not has_more:
            return bytes(body)


async def _linger(receive: Receive) -> None:
    """Read on for a while, and throw away what comes."""
    left = LINGER_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


def _with_length(scope: Scope, length: int) -> Scope:
    """A request whose headers give its body's length, and no other way to tell it."""
    framing = (b"content-length", b"transfer-encoding")
    others = [header for header in scope["headers"] if header[0] not in framing]
    had_any = len(others) < len(scope["headers"])
    own = [(b"content-length", str(length).encode())] if length or had_any else []
    return {**scope, "headers": others + own}


def is_too_big(request: HttpRequest) -> bool:
    """Whether a request is here only to be refused for its body."""
    return _TOO_BIG in getattr(request, "scope", ())


@sync_and_async_middleware
def refuse_too_big(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: 413 in place of a request whose body is too big, which nobody has read."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            if is_too_big(request):
                return _refusal(request)
            response: HttpResponseBase = await get_response(request)
            return response

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_too_big(request):
            return _refusal(request)
        response: HttpResponseBase = get_response(request)
        return response

    return answer


@sync_and_async_middleware
def read_as_utf8(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: forms are UTF-8, as every browser sends them here, whatever charset a request names.

    Django takes any codec that Python knows, and some of these raise where a sign is none of theirs.
    """

    def answer(request: HttpRequest) -> Any:
        if request.encoding is not None:
            request.encoding = settings.DEFAULT_CHARSET
        return get_response(request)

    return markcoroutinefunction(answer) if iscoroutinefunction(get_response) else answer


def _refusal(request: HttpRequest) -> HttpResponse:
    figures.strangers["body"] += 1
    if request.path.startswith(errors.PREFIX):
        message = f"The body is larger than {settings.MAX_BODY_BYTES} bytes."
        return JsonResponse(errors.body(ErrorCode.INVALID_REQUEST, message), status=413)
    return HttpResponse(loader.render_to_string("413.html"), status=413)
