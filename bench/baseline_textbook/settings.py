"""As little as sign-in by session and a WebSocket need."""

import os
from pathlib import Path

DATA_DIR = Path(os.environ["FOURLINE_DATA"])
SECRET_KEY = "only ever on the loopback, for a benchmark"  # noqa: S105 nothing is protected by it
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "bench.baseline_textbook",
]
ASGI_APPLICATION = "bench.baseline_textbook.asgi.application"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "textbook.sqlite3",
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
