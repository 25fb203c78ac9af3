"""Sessions in the database, by keys as Django makes them and no others.

A cookie can hold any sign, NUL in quotes among them, and PostgreSQL refuses to look for that.
"""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's; a key with anything but letters and digits of ASCII in it belongs to no session."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= 8 and key.isascii() and key.isalnum()
