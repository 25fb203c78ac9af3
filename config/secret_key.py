"""The key that signs sessions and tokens: set, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import text

LEAST, LEAST_DIFFERENT = 32, 5
"""Characters; by a shorter key, or one of few signs, anybody can sign in as anybody with some patience."""


def secret_key(name: str, folder: Path) -> str:
    """The key, or else one made once and kept in the data folder.

    Raises:
        ImproperlyConfigured: it is too short, can't be read, or nothing can be written there.
    """
    key = text(name)
    if key:
        return _checked(name, key)
    path = folder / "secret_key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write to {folder}: {error.strerror}. Set FOURLINE_DATA.") from None
    return _checked(str(path), _read(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} must hold text; it is no key of ours.") from None


def _checked(source: str, key: str) -> str:
    if len(key.strip()) < LEAST or len(set(key)) < LEAST_DIFFERENT or "\0" in key:
        raise ImproperlyConfigured(
            f"{source} must be {LEAST} characters or more, and random: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(64))" makes one.'
        )
    return key


def _write_once(path: Path, content: str) -> None:
    """Make a file with its content, both at once: of several processes that start together the first one's stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
