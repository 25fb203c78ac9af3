"""Reading settings from the environment: what is set but wrong stops the start with one line that says so.

Variables are read as they are. (django-environ takes a value that begins with `$` for the name of another variable,
and where there is none, the default: a key or a token that begins so would be ignored without a word.)
"""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_YES, _NO = ("true", "on", "yes", "1"), ("false", "off", "no", "0", "")
MOST = 1_000_000_000
"""Of a number that has no bound of its own: beyond it, a limit is none, and arithmetic somewhere overflows."""


def text(name: str, default: str = "") -> str:
    """One line of text.

    Raises:
        ImproperlyConfigured: it holds a line break or another control character, or bytes that are no UTF-8.
    """
    value = os.environ.get(name, default)
    if not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be one line of text, without control characters.")
    return value


def items(name: str) -> list[str]:
    """What is separated by commas; spaces around it and empty items don't count."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def number(name: str, default: int, least: int, most: int = MOST) -> int:
    """A whole number within its bounds.

    Raises:
        ImproperlyConfigured: it is none.
    """
    value = text(name, str(default)).strip()
    if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number, {least} to {most}.")
    return int(value)


def switch(name: str, default: bool) -> bool:
    """Yes or no.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    value = text(name, str(default)).strip().lower()
    if value not in _YES + _NO:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in _YES


def choice(name: str, *choices: str) -> str:
    """One of several words, the first unless said.

    Raises:
        ImproperlyConfigured: it is another.
    """
    value = text(name, choices[0]).strip()
    found = next((word for word in choices if word.lower() == value.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {value!r}.")
    return found


def token(name: str) -> str:
    """A word that others know and send; empty where there is none.

    Raises:
        ImproperlyConfigured: it can't be sent in a header, or is soon guessed.
    """
    value = text(name)
    if value and not re.fullmatch(r"[!-~]{12,}", value):
        raise ImproperlyConfigured(f"{name} must be 12 or more letters, digits and signs of ASCII, without spaces.")
    return value


def folder(name: str, default: Path) -> Path:
    """A folder, which need not be there yet.

    Raises:
        ImproperlyConfigured: it can't be one.
    """
    value = text(name, str(default))
    path = Path(value)
    if not value.strip() or value.startswith("~"):
        raise ImproperlyConfigured(f"{name} must be the path of a folder, not {value!r}.")
    try:
        is_another_thing = path.exists() and not path.is_dir()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} can't be used: {error.strerror}.") from None
    if is_another_thing:
        raise ImproperlyConfigured(f"{name} must be the path of a folder; {value} is none.")
    return path
