"""Every setting of Fourline, from the environment, safe where nothing is set.

Each variable is described in docs/operations.md; a test holds the two together.
"""

import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import api_settings, logs
from config.database import database
from config.environment import choice, folder, number, switch, text, token
from config.network_settings import bracketed, host, hosts, mail, networks, public_url, redis_urls, sender
from config.secret_key import secret_key
from games.rules import ids

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = folder("FOURLINE_DATA", default=BASE_DIR / "var")
"""Where a process keeps what it makes: the SQLite database and the generated key. Git ignores it."""

DEBUG = switch("DEBUG", default=False)

# --- addresses --------------------------------------------------------------------------------------------------

PUBLIC_URL, _public = public_url("PUBLIC_URL")
"""How the world reaches the site, such as https://fourline.example; empty for loopback and local networks."""
IS_HTTPS = _public.scheme == "https"

_default_hosts = [bracketed(_public.hostname)] if _public.hostname else ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", default=_default_hosts)
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS may be * only with DEBUG on; name the hosts.")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

# --- the key ----------------------------------------------------------------------------------------------------

SECRET_KEY = secret_key("SECRET_KEY", DATA_DIR)

# --- parts ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # For the sake of `runserver` alone, with sockets: it loads Twisted, a quarter of what a process takes to start.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "config",
    "games",
    "games.chat",
    "games.computer",
    "games.honesty",
    "lobby",
    "lobby.puzzles",
]

MIDDLEWARE = [
    "config.health.answer_probes",
    "config.request_metrics.measure_answers",
    "games.api.errors.answer_in_json",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.set_permissions_policy",
    "csp.middleware.CSPMiddleware",
    "config.bodies.refuse_too_big",
    "config.bodies.read_as_utf8",
    "config.static_files.ServeFiles",
    "config.error_pages.answer_without_store",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "games.access.over_limit.TooManyRequests",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database ---------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": database("DATABASE_URL", DATA_DIR)}

# --- channel layer ----------------------------------------------------------------------------------------------

REDIS_URLS = redis_urls("REDIS_URL")
"""Where Redis or Valkey is; several, separated by commas, share the groups between them."""

CHANNEL_LAYER = text(
    "CHANNEL_LAYER", default="games.layers.redis_layer.RedisLayer" if REDIS_URLS else "games.layers.local.LocalLayer"
)
"""A path to another class is for measurements and tests."""


def _channel_layer() -> dict[str, object]:
    is_ours = CHANNEL_LAYER == "games.layers.redis_layer.RedisLayer"
    is_stock = CHANNEL_LAYER.startswith("channels_redis.")
    if (is_ours or is_stock) and not REDIS_URLS:
        raise ImproperlyConfigured("CHANNEL_LAYER asks for Redis, but REDIS_URL is not set.")
    configuration = {"urls": REDIS_URLS} if is_ours else {"hosts": REDIS_URLS} if is_stock else {}
    return {"BACKEND": CHANNEL_LAYER, "CONFIG": configuration}


CHANNEL_LAYERS = {"default": _channel_layer()}

# --- people -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "lobby.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
globals().update(mail("EMAIL_URL"))
HAS_MAIL_SERVER = bool(text("EMAIL_URL"))
"""Whether letters leave the machine; without one they go to the console, under DEBUG alone."""
DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", default="Fourline <fourline@localhost>")

# --- language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# --- static files -----------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = folder("STATIC_ROOT", default=DATA_DIR / "static")
"""Where files are collected: outside the data folder, which is private, if another program is to read them."""
if DATA_DIR.resolve().is_relative_to(STATIC_ROOT.resolve()):
    raise ImproperlyConfigured("STATIC_ROOT must not hold FOURLINE_DATA: everybody may read what is collected there.")
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755  # of collected files' folders; nothing is uploaded
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.HashedFiles"},
}
# Collected files (manage.py collectstatic) are served under hashed names; until then all from where they lie.
SERVESTATIC_USE_MANIFEST = not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
SERVESTATIC_USE_FINDERS = not SERVESTATIC_USE_MANIFEST

# --- security ---------------------------------------------------------------------------------------------------

SESSION_ENGINE = "games.access.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# Whether other hosts of the domain have HTTPS too is the operator's knowledge, not ours (docs/operations.md).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # Swagger UI's icons
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "upgrade-insecure-requests": IS_HTTPS,
    }
}
METRICS_TOKEN = token("METRICS_TOKEN")
"""Who sends it sees /metrics; where it is empty, whoever asks from this machine or a private network, not by proxy."""

# --- signing in -------------------------------------------------------------------------------------------------

# The second is the one that sessions name; the first raises before it would be asked for a password.
AUTHENTICATION_BACKENDS = ["lobby.backends.CountedBackend", "django.contrib.auth.backends.ModelBackend"]
SIGN_IN_FAILURES = number("SIGN_IN_FAILURES", default=5, least=1)
SIGN_IN_FAILURES_PER_ADDRESS = number("SIGN_IN_FAILURES_PER_ADDRESS", default=20, least=1)
SIGN_IN_LOCK_MINUTES = number("SIGN_IN_LOCK_MINUTES", default=15, least=1, most=7 * 24 * 60)
PASSWORD_HASHERS = ["lobby.accounts.hashing.PatientHasher"]
PASSWORD_HASHES_AT_ONCE = number("PASSWORD_HASHES_AT_ONCE", default=1, least=1, most=64)
PASSWORD_HASHES_WAITING = number("PASSWORD_HASHES_WAITING", default=50, least=0, most=1000)

# --- the API ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SIMPLE_JWT = api_settings.tokens(SECRET_KEY)
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS

# --- the server -------------------------------------------------------------------------------------------------

HOST = host("HOST", default="127.0.0.1")
PORT = number("PORT", default=8000, least=0, most=65535)
COMPUTER_WORKERS = number("COMPUTER_WORKERS", default=1, least=0, most=64)
COMPUTER_NICENESS = number("COMPUTER_NICENESS", default=15, least=0, most=19)
DRAIN_SECONDS = number("DRAIN_SECONDS", default=1, least=0, most=60)
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
"""Addresses and networks, comma separated, whose X-Forwarded-For and -Proto are believed."""
LOG_LEVEL = choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
LOG_FORMAT = choice("LOG_FORMAT", "line", "json")
LOGGING = logs.configuration(LOG_LEVEL, LOG_FORMAT)

# --- limits -----------------------------------------------------------------------------------------------------


def _messages(name: str, default: int) -> tuple[int, float]:
    return number(name, default=default, least=1), 20.0


PLAYER_MESSAGES = _messages("PLAYER_MESSAGES_PER_20_S", 100)
SPECTATOR_MESSAGES = _messages("SPECTATOR_MESSAGES_PER_20_S", 50)
LOBBY_MESSAGES = _messages("LOBBY_MESSAGES_PER_20_S", 30)

MAX_BODY_BYTES = number("MAX_BODY_BYTES", default=64 * 1024, least=1024, most=16 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
GAME_ID_LENGTH = number("GAME_ID_LENGTH", default=ids.LENGTH, least=ids.LENGTH, most=ids.LONGEST)
GAMES_PER_USER_PER_HOUR = number("GAMES_PER_USER_PER_HOUR", default=60, least=1)
SEEKS_PER_USER_PER_MINUTE = number("SEEKS_PER_USER_PER_MINUTE", default=30, least=1)
RATED_ACCOUNT_AGE_MINUTES = number("RATED_ACCOUNT_AGE_MINUTES", default=0 if DEBUG else 60, least=0, most=10080)
CHALLENGES_OPEN_PER_USER = number("CHALLENGES_OPEN_PER_USER", default=5, least=1)
CHALLENGES_OPEN_TO_ONE = number("CHALLENGES_OPEN_TO_ONE", default=2, least=1)
CHALLENGES_PER_USER_PER_HOUR = number("CHALLENGES_PER_USER_PER_HOUR", default=20, least=1)
WAITING_GAMES_PER_USER = number("WAITING_GAMES_PER_USER", default=10, least=1)
REVIEWS_PER_USER_PER_MINUTE = number("REVIEWS_PER_USER_PER_MINUTE", default=10, least=1)
POSITIONS_PER_USER_PER_MINUTE = number("POSITIONS_PER_USER_PER_MINUTE", default=60, least=1)
SOCKETS_PER_USER = number("SOCKETS_PER_USER", default=20, least=1)
SOCKETS_PER_ADDRESS = number("SOCKETS_PER_ADDRESS", default=300, least=1)
HANDSHAKES_PER_ADDRESS_PER_MINUTE = number("HANDSHAKES_PER_ADDRESS_PER_MINUTE", default=1200, least=1)
HANDSHAKES_PER_USER_PER_MINUTE = number("HANDSHAKES_PER_USER_PER_MINUTE", default=300, least=1)
UNKNOWN_IDS_PER_MINUTE = number("UNKNOWN_IDS_PER_MINUTE", default=60, least=1)
GUESTS = switch("GUESTS", default=True)
"""Whether people may play without an account."""
GUESTS_PER_ADDRESS_PER_HOUR = number("GUESTS_PER_ADDRESS_PER_HOUR", default=100, least=1)
GUESTS_PER_ADDRESS_AT_ONCE = number("GUESTS_PER_ADDRESS_AT_ONCE", default=40, least=1)
CHAT = switch("CHAT", default=True)
"""Whether people may chat."""
CHAT_DAYS = number("CHAT_DAYS", default=30, least=1, most=3650)
CHAT_LINES_PER_USER_PER_10_S = number("CHAT_LINES_PER_USER_PER_10_S", default=5, least=1)
CHAT_LINES_PER_ROOM_PER_10_S = number("CHAT_LINES_PER_ROOM_PER_10_S", default=50, least=1)
BLOCKS_PER_USER = number("BLOCKS_PER_USER", default=500, least=1)
BLOCKS_PER_USER_PER_HOUR = number("BLOCKS_PER_USER_PER_HOUR", default=60, least=1)
REPORTS_PER_USER_PER_HOUR = number("REPORTS_PER_USER_PER_HOUR", default=10, least=1)
SIGN_UPS_PER_ADDRESS_PER_HOUR = number("SIGN_UPS_PER_ADDRESS_PER_HOUR", default=20, least=1)
RESETS_PER_ADDRESS_PER_HOUR = number("RESETS_PER_ADDRESS_PER_HOUR", default=20, least=1)
LETTERS_PER_ACCOUNT_PER_HOUR = number("LETTERS_PER_ACCOUNT_PER_HOUR", default=5, least=1)
