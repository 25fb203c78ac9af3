"""Hashing passwords: a few at a time, the others wait for a slot, and beyond a bound they are turned away.

A hash takes a third of a second of a processor on purpose. Under ASGI Django runs each view in a thread of its own,
however many there are. Many sign-ins at once would be as many threads that hash, and then write their sessions at the
same moment, and moves would wait for Python's lock and for SQLite's one writer. Hashing doesn't hold Python's lock, so
one hash at a time leaves the event loop its processor.
"""

import contextlib
import threading
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from games.access.quotas import Busy

PATIENCE = 15.0
"""Seconds that a caller waits for a slot at most."""
RETRY_AFTER = 5.0
"""Seconds after which whoever was turned away is told to try again."""


class Slots:
    """Slots for work that takes a processor, for callers in threads of their own.

    Args:
        at_once: how many slots there are.
        waiting: how many more may wait.
        patience: seconds that each of them waits at most.
    """

    def __init__(self, at_once: int, waiting: int, patience: float = PATIENCE) -> None:
        self._free = threading.Semaphore(at_once)
        self._places = threading.Semaphore(at_once + waiting)
        self._patience = patience
        self._own = threading.local()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold a slot; a thread that has one already goes on with it.

        Raises:
            Busy: too many wait, or the wait took too long.
        """
        if getattr(self._own, "is_on", False):
            yield
            return
        self._take()
        self._own.is_on = True
        try:
            yield
        finally:
            self._own.is_on = False
            self._free.release()
            self._places.release()

    def _take(self) -> None:
        if not self._places.acquire(blocking=False):
            raise Busy(_EXPLANATION, RETRY_AFTER)
        if self._free.acquire(blocking=False):
            return
        _let_connection_go()
        if not self._free.acquire(timeout=self._patience):
            self._places.release()
            raise Busy(_EXPLANATION, RETRY_AFTER)


def _let_connection_go() -> None:
    """Of PostgreSQL's pool few connections are for pages: whoever waits must not keep one from those who don't."""
    if not connection.in_atomic_block:
        connection.close()


_EXPLANATION = "Many people are signing in at this moment."

slots = Slots(settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING)
"""This process's."""


class PatientHasher(PBKDF2PasswordHasher):
    """Django's own hasher, each hash made in a slot."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """As the parent, once there is a free slot.

        Raises:
            Busy: as `Slots.hold`.
        """
        with slots.hold():
            return super().encode(password, salt, iterations)
