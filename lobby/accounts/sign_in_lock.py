"""Failures to sign in, counted before the password is looked at, in the database that all processes share.

An attempt takes a place before its hash is made, and gives the place back when the password was right: however many
guesses come at once, over however many processes, no more of them are looked at than there are places. Two limits hold:

* for one name from one address, `SIGN_IN_FAILURES`; then both together are locked for `SIGN_IN_LOCK_MINUTES`. Nobody
  can lock another out so: it takes failures from that other's own address.
* for one address, whatever the names, `SIGN_IN_FAILURES_PER_ADDRESS`; its places come back one by one, all of them
  within `SIGN_IN_LOCK_MINUTES`.

Names and addresses are not stored, only a digest of both that nobody can turn back without the site's key.
"""

import math
import time
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.crypto import salted_hmac

from games.access.quotas import OverLimit
from lobby.models import SignInCount

FORGET_EVERY = 600.0
"""Seconds between two deletions of counts that no longer matter, by each process that counts."""

_TAKE_FOR_NAME = """
INSERT INTO lobby_signincount AS known (key, failures, counted_at) VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN known.counted_at <= %(cutoff)s THEN 1 ELSE known.failures + 1 END,
    counted_at = excluded.counted_at
WHERE known.counted_at <= %(cutoff)s OR known.failures + 1 <= %(limit)s
RETURNING failures
"""
_TAKE_FOR_ADDRESS = """
INSERT INTO lobby_signincount AS known (key, failures, counted_at) VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    failures = 1 + CASE
        WHEN known.failures > (%(now)s - known.counted_at) * %(rate)s
        THEN known.failures - (%(now)s - known.counted_at) * %(rate)s ELSE 0 END,
    counted_at = excluded.counted_at
WHERE known.failures - (%(now)s - known.counted_at) * %(rate)s + 1 <= %(limit)s
RETURNING failures
"""


class Locked(OverLimit):
    """Too many failures.

    Attributes:
        is_by_name: whether for one name from one address; else for one address, whatever the names.
        minutes: whole minutes after which it may be tried again.
    """

    page: ClassVar[str] = "registration/locked.html"

    def __init__(self, is_by_name: bool, retry_after: float) -> None:
        self.is_by_name = is_by_name
        self.minutes = max(1, math.ceil(retry_after / 60))
        what = "with this name" if is_by_name else "from your address"
        unit = "minute" if self.minutes == 1 else "minutes"
        super().__init__(f"Too many failures to sign in {what}. Try again in {self.minutes} {unit}.", retry_after)


class Attempt:
    """One attempt to sign in.

    Args:
        name: as given; capitals don't matter to sign in, so they don't to be locked.
        address: from where, see `games.access.addresses`.
    """

    def __init__(self, name: str, address: str) -> None:
        self._name_key = _key("name", name.lower(), address)
        self._address_key = _key("address", address)

    def refuse_if_locked(self) -> None:
        """Look whether there are places, taking none.

        Raises:
            Locked: there are none.
        """
        now = time.time()
        counts = dict(_counts([self._name_key, self._address_key]))
        self._refuse_address(counts.get(self._address_key), now)
        self._refuse_name(counts.get(self._name_key), now)

    def count(self) -> None:
        """Take a place, before the password is looked at.

        Raises:
            Locked: there was none.
        """
        _forget_old()
        limit, rate = settings.SIGN_IN_FAILURES_PER_ADDRESS, settings.SIGN_IN_FAILURES_PER_ADDRESS / _window()
        if not _take(_TAKE_FOR_ADDRESS, self._address_key, limit=limit, rate=rate):
            self.refuse_if_locked()
            raise Locked(False, 1)
        if not _take(_TAKE_FOR_NAME, self._name_key, limit=settings.SIGN_IN_FAILURES, cutoff=time.time() - _window()):
            _give_back(self._address_key)
            self.refuse_if_locked()
            raise Locked(True, 1)

    def succeed(self) -> None:
        """The password was right: give the place of the address back, and forget the name's failures."""
        _give_back(self._address_key)
        SignInCount.objects.filter(key=self._name_key).delete()

    def give_back(self) -> None:
        """The password was not looked at after all."""
        _give_back(self._address_key)
        _give_back(self._name_key)

    def _refuse_name(self, known: tuple[float, float] | None, now: float) -> None:
        if known is None or known[0] + 1 <= settings.SIGN_IN_FAILURES:
            return
        left = known[1] + _window() - now
        if left > 0:
            raise Locked(True, left)

    def _refuse_address(self, known: tuple[float, float] | None, now: float) -> None:
        if known is None:
            return
        rate = settings.SIGN_IN_FAILURES_PER_ADDRESS / _window()
        over = known[0] - (now - known[1]) * rate + 1 - settings.SIGN_IN_FAILURES_PER_ADDRESS
        if over > 0:
            raise Locked(False, over / rate)


def _window() -> float:
    return settings.SIGN_IN_LOCK_MINUTES * 60.0


def _key(*parts: str) -> str:
    return salted_hmac("fourline sign-in", "\n".join(parts), algorithm="sha256").hexdigest()


def _counts(keys: list[str]) -> list[tuple[str, tuple[float, float]]]:
    rows = SignInCount.objects.filter(key__in=keys).values_list("key", "failures", "counted_at")
    return [(key, (failures, counted_at)) for key, failures, counted_at in rows]


def _take(statement: str, key: str, **values: Any) -> bool:
    """One statement, so that two who come at once can't both have the last place, nor hold SQLite's one writer."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"key": key, "now": time.time(), **values})
        return cursor.fetchone() is not None


def _give_back(key: str) -> None:
    SignInCount.objects.filter(key=key, failures__gte=1).update(failures=F("failures") - 1)


_forgot_at = float("-inf")


def _forget_old() -> None:
    global _forgot_at
    if time.monotonic() < _forgot_at + FORGET_EVERY:
        return
    _forgot_at = time.monotonic()
    SignInCount.objects.filter(counted_at__lt=time.time() - _window()).delete()
