"""How the log is written."""

from typing import Any


def configuration(level: str, form: str) -> dict[str, Any]:
    """For Django's LOGGING.

    Args:
        level: from which level on our own lines are written.
        form: ``line`` or ``json``.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "games.logs.JsonFormatter"},
        },
        "filters": {"refused": {"()": "config.log_filters.RefusedRequests"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["refused"]}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "fourline": {"level": level},
            "uvicorn": {"level": "WARNING"},
            "django": {"level": "WARNING", "handlers": []},  # its own handler would write under DEBUG what ours drops
        },
    }
