"""Log lines that anybody can cause by sending requests, and so fill the disk: counted (``/metrics``), not written."""

import logging

from django.core.exceptions import RequestAborted

from games.metrics import figures

_KINDS = (
    ("django.security.csrf", "", "csrf"),
    ("django.security.DisallowedHost", "", "host"),
    ("django.security", "", "suspicious"),
    ("uvicorn.error", "Unsupported upgrade request", "upgrade"),
    ("uvicorn.error", "Invalid HTTP request received", "http"),
    ("uvicorn.error", "Invalid UTF-8 sequence received", "utf8"),
    ("asyncio", "socket.send() raised exception", "lost"),
)
"""Logger (or one above it), how the message begins, and what the request counts as."""


class RefusedRequests(logging.Filter):
    """Counts and drops lines that refused requests caused; all others pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a record down."""
        kind = kind_of(record)
        if kind is None:
            return True
        figures.strangers[kind] += 1
        return False


def kind_of(record: logging.LogRecord) -> str | None:
    """What kind of request a record tells of; None for any other record."""
    status = getattr(record, "status_code", 500)
    if record.name == "django.request" and status < 500:
        return f"status {status}"
    if record.name.startswith("daphne.") and "UnicodeDecodeError" in record.getMessage():
        return "http"  # Daphne logs the traceback of a request line or header that is not ASCII
    if record.name == "asyncio" and record.exc_info and isinstance(record.exc_info[1], RequestAborted):
        return "gone"  # Daphne ends the handling of a request whose client leaves while its answer is sent
    for logger, start, kind in _KINDS:
        if f"{record.name}.".startswith(f"{logger}.") and record.getMessage().startswith(start):
            return kind
    return None
