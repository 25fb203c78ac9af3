"""Settings of the libraries that make the API, none of which the environment changes."""

import hashlib
from datetime import timedelta
from typing import Any

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "games.api.authentication.Bearer",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_PARSER_CLASSES": ["games.api.requests.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["games.api.requests.Renderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "games.api.requests.OnlyJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "games.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["games.api.requests.Renderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fourline",
    "DESCRIPTION": "Connect Four for programs. Moves are played on the WebSocket; see docs/bots.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"Seat": [1, 2]},
    "POSTPROCESSING_HOOKS": ["games.api.documented.finish"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "DISABLE_ERRORS_AND_WARNINGS": False,
}


def tokens(secret_key: str) -> dict[str, Any]:
    """``SIMPLE_JWT``: how long tokens live, and how they are signed.

    Args:
        secret_key: the site's.
    """
    return {
        "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
        "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
        # A key of its own, so that nothing that is signed for another purpose is ever a token.
        "SIGNING_KEY": hashlib.sha256(f"fourline tokens {secret_key}".encode()).hexdigest(),
        "CHECK_REVOKE_TOKEN": True,  # a new password ends the tokens of the old one
    }
