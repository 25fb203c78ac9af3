"""Daphne's requests, with bodies that are bounded while they arrive.

Daphne keeps a whole body in a file, and then all of it in memory, before it calls the application.
"""

from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings


class BoundedRequest(WebRequest):
    """A request that is handed on as soon as its body is too big: without a body, and with a length that says so."""

    _is_refused = False

    def __init__(self, *given: Any, **named: Any) -> None:
        """Leave forms to the application: a broken one Twisted would answer by itself."""
        super().__init__(*given, parsePOSTFormSubmission=False, **named)

    def gotLength(self, length: int | None) -> None:  # noqa: N802  Twisted's name
        """The headers are here.

        Args:
            length: the body's in bytes; None where it is chunked.
        """
        super().gotLength(0)  # in memory: it is small, or refused
        if length is not None and length > settings.MAX_BODY_BYTES:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  Twisted's name
        """Some of the body is here."""
        if self._is_refused:
            return
        if self.content.tell() + len(data) > settings.MAX_BODY_BYTES:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802  Twisted's name
        """The whole body is here."""
        if not self._is_refused:
            super().requestReceived(command, path, version)

    def _refuse(self) -> None:
        """Read no more, let the application answer, and end the connection with its answer."""
        self._is_refused = True
        channel = self.channel
        channel.persistent = False
        channel._networkProducer.pauseProducing()
        self.content.seek(0)
        self.content.truncate()
        self.requestHeaders.removeHeader(b"transfer-encoding")
        self.requestHeaders.setRawHeaders(b"content-length", [str(settings.MAX_BODY_BYTES + 1).encode()])
        super().requestReceived(channel._command, channel._path, channel._version)
