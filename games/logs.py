"""Log lines as JSON, one object a line, with the game and the connection that they belong to.

What people send is never logged: no message, header, token or query, only addresses of games.
"""

import itertools
import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

place: ContextVar[dict[str, Any] | None] = ContextVar("place", default=None)
"""What the running task serves: ``connection``, a number of this process, and ``game`` where there is one."""

_numbers = itertools.count(1)


def enter_connection(scope: dict[str, Any]) -> None:
    """The running task serves a new connection from here on.

    Args:
        scope: its ASGI scope.
    """
    game_id = scope.get("url_route", {}).get("kwargs", {}).get("game_id")
    here: dict[str, Any] = {"connection": next(_numbers)}
    if isinstance(game_id, str):
        here["game"] = game_id[:16]
    place.set(here)


def reason_of(error: BaseException) -> str:
    """What a log line says of an error: its text, or its type where it has none, as a time-out."""
    return str(error).strip() or type(error).__name__


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, connection, game, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **(place.get() or {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
