"""How often something may be done, counted over all processes.

Each quota is a token bucket in this process, and where there is a Redis (``REDIS_URL``) a moving window there too,
which all processes share. While Redis is away the local buckets hold, and nothing fails or waits.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from games.protocol import ErrorCode, GameError

log = logging.getLogger("fourline.limits")

MAX_BUCKETS = 50_000
"""Buckets kept in memory; beyond it, full ones are forgotten, and if none is full, the oldest."""
REDIS_TIMEOUT = 0.2
"""Seconds that a shared count may take before the local one decides alone."""
REDIS_REST = 2.0
"""Seconds for which a Redis that didn't answer is not asked again."""

CLAIMS_FOR_A_HANDSHAKE = 5
"""Cookies and tokens looked up for an address, as a multiple of the handshakes that nobody it knows may begin there."""
FLOOD_COST = 20
"""What a flood counts, in handshakes of its address: a client that repeats it is soon refused."""


class Quota(NamedTuple):
    """So many in so many seconds."""

    name: str
    amount: int
    window: float


class _ForNow(GameError):
    """Refused for now.

    Attributes:
        retry_after: whole seconds after which it may be tried again.
        page: the template that says so in a browser.
    """

    code_for_now: ClassVar[ErrorCode]
    page: ClassVar[str]

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(self.code_for_now, message)
        self.retry_after = max(1, math.ceil(retry_after))


class OverLimit(_ForNow):
    """Too often."""

    code_for_now = ErrorCode.RATE_LIMITED
    page = "429.html"


class Busy(_ForNow):
    """Too many requests of others are being served."""

    code_for_now = ErrorCode.TRY_AGAIN
    page = "busy.html"


class Buckets:
    """Token buckets by key, for any thread.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, quota: Quota, key: str) -> float:
        """Take one token.

        Returns:
            0.0, or the seconds until there is one.
        """
        with self._lock:
            left = self._refill(quota, key)
            if left < 1:
                return (1 - left) * quota.window / quota.amount
            self._left[quota.name, key] = (left - 1, self._clock())
            return 0.0

    def wait(self, quota: Quota, key: str) -> float:
        """The seconds until there is a token, taking none."""
        with self._lock:
            left = self._refill(quota, key)
            return 0.0 if left >= 1 else (1 - left) * quota.window / quota.amount

    def spend(self, quota: Quota, key: str, amount: int) -> None:
        """Take so many tokens, or as many as there are."""
        with self._lock:
            left = self._refill(quota, key)
            self._left[quota.name, key] = (max(0.0, left - amount), self._clock())

    def forget(self) -> None:
        """All buckets are full again."""
        with self._lock:
            self._left.clear()

    def _refill(self, quota: Quota, key: str) -> float:
        known = self._left.get((quota.name, key))
        if known is None:
            if len(self._left) >= MAX_BUCKETS:
                self._make_room()
            return float(quota.amount)
        left, then = known
        return min(float(quota.amount), left + (self._clock() - then) * quota.amount / quota.window)

    def _make_room(self) -> None:
        # Dictionaries keep their order of insertion: the first are the oldest.
        for key in list(self._left)[: MAX_BUCKETS // 10]:
            del self._left[key]


class Quotas:
    """The quotas of a process.

    Args:
        redis_url: where the processes share their counts; empty for a process alone.
        clock: of the local buckets.
    """

    def __init__(self, redis_url: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.buckets = Buckets(clock)
        self.is_shared = bool(redis_url)
        self._shared = _shared_limiter(redis_url) if redis_url else None
        self._rest_until = float("-inf")

    def take(self, quota: Quota, key: str) -> float:
        """Count one. With a Redis this waits for it, `REDIS_TIMEOUT` at most: not for an event loop's thread.

        Args:
            quota: which.
            key: whose: a user's or an address's.

        Returns:
            0.0, or the seconds after which to try again.
        """
        return self.buckets.take(quota, key) or self._ask(lambda limiter, item: limiter.hit(item, key), quota, key)

    def count(self, quota: Quota, key: str, explanation: str) -> None:
        """`take`, for who is to be refused.

        Raises:
            OverLimit: there were too many; says why in these words.
        """
        wait = self.take(quota, key)
        if wait:
            raise OverLimit(explanation, wait)

    def wait(self, quota: Quota, key: str) -> float:
        """Whether `take` would refuse now, counting nothing: the seconds after which it wouldn't."""
        return self.buckets.wait(quota, key) or self._ask(lambda limiter, item: limiter.test(item, key), quota, key)

    def _ask(
        self, question: Callable[[MovingWindowRateLimiter, RateLimitItemPerSecond], bool], quota: Quota, key: str
    ) -> float:
        if self._shared is None or self._clock() < self._rest_until:
            return 0.0
        item = RateLimitItemPerSecond(quota.amount, round(quota.window), namespace=f"fourline.{quota.name}")
        try:
            if question(self._shared, item):
                return 0.0
            return max(1.0, self._shared.get_window_stats(item, key).reset_time - time.time())
        except (RedisError, OSError) as error:
            self._rest_until = self._clock() + REDIS_REST
            log.warning("shared limits are away, the local ones hold: %s", type(error).__name__)
            return 0.0


def holder(player_id: int | None, address: str) -> str:
    """Whose connections and handshakes are counted together.

    Args:
        player_id: who is signed in; counts alone, because a school shares one address.
        address: as `games.access.addresses` tells it; counts for all there whom nobody knows.
    """
    return f"address {address}" if player_id is None else f"user {player_id}"


def handshakes(player_id: int | None) -> Quota:
    """WebSocket handshakes of one person; of all that nobody knows at one address, where it is None."""
    address, user = settings.HANDSHAKES_PER_ADDRESS_PER_MINUTE, settings.HANDSHAKES_PER_USER_PER_MINUTE
    return Quota("handshakes", address if player_id is None else user, 60.0)


def claims() -> Quota:
    """Cookies and tokens that are looked up for one address, whether anybody is known by them or not.

    Many times what nobody may do there: the people of a school are known only after they were looked up.
    """
    return Quota("claims", CLAIMS_FOR_A_HANDSHAKE * settings.HANDSHAKES_PER_ADDRESS_PER_MINUTE, 60.0)


def note_flood(address: str, player_id: int | None = None) -> None:
    """A connection was closed for a flood: it counts as many handshakes, whoever it was.

    Args:
        address: where it came from.
        player_id: who was signed in, where that is known.
    """
    quotas.buckets.spend(handshakes(player_id), holder(player_id, address), FLOOD_COST)
    quotas.buckets.spend(claims(), address, FLOOD_COST)


def _shared_limiter(redis_url: str) -> MovingWindowRateLimiter:
    # No retries: they would take seconds, and the local bucket can decide at once.
    options: Any = {
        "socket_timeout": REDIS_TIMEOUT,
        "socket_connect_timeout": REDIS_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
    }
    address = f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url
    return MovingWindowRateLimiter(RedisStorage(address, **options))


def first_redis_url() -> str:
    """The Redis that keeps shared counts: the first of ``REDIS_URL``; empty where there is none."""
    return next(iter(settings.REDIS_URLS), "")


quotas = Quotas(first_redis_url())
"""This process's. Counts are no truth that could be lost: a process that starts again starts with full buckets."""
