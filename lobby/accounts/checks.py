"""What ``manage.py check --deploy`` says of letters."""

from typing import Any

from django.conf import settings
from django.core import checks

NO_MAIL_SERVER = checks.Warning(
    "EMAIL_URL is not set: forgotten passwords can't be reset, and e-mail addresses not verified.",
    hint="EMAIL_URL=smtp+tls://user:password@mail.example:587",
    id="lobby.W001",
)
NO_PUBLIC_URL = checks.Warning(
    "PUBLIC_URL is not set: letters have no address to link to, so none are sent.",
    hint="PUBLIC_URL=https://fourline.example",
    id="lobby.W002",
)


def check_letters(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Both are needed for a letter."""
    missing = [(settings.HAS_MAIL_SERVER, NO_MAIL_SERVER), (settings.PUBLIC_URL, NO_PUBLIC_URL)]
    return [warning for is_there, warning in missing if not is_there]
