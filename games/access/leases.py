"""How many sockets are open at once, for each user and each address.

Counted in this process, and where there is a Redis over all processes: there each process writes down its own count of
each key, good for a minute and renewed, so that the sockets of a process that died without a word are forgotten. While
Redis is away the local counts hold.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import Any
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from games.access.quotas import REDIS_REST, REDIS_TIMEOUT

log = logging.getLogger("fourline.limits")

KEPT_FOR = 60
"""Seconds for which a count in Redis is good."""
RENEWED_EVERY = 20.0
"""Seconds."""
AT_ONCE = 8
"""Questions to Redis that are under way at a time."""

# The other processes' counts and our new one, taken only if their sum is allowed; in one step, so that two processes
# can't both take the last.
_TAKE = """
local now = tonumber(redis.call('TIME')[1])
local own, count, kept_for, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local total = count
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
    local number, ends = string.match(held[i + 1], '(%d+) (%d+)')
    if tonumber(ends) < now then
        redis.call('HDEL', KEYS[1], held[i])
    elseif held[i] ~= own then
        total = total + tonumber(number)
    end
end
if most >= 0 and total > most then return 0 end
if count > 0 then
    redis.call('HSET', KEYS[1], own, count .. ' ' .. (now + kept_for))
    redis.call('EXPIRE', KEYS[1], kept_for)
else
    redis.call('HDEL', KEYS[1], own)
end
return 1
"""
_WITHOUT_LIMIT = -1


class Leases:
    """The places held by one event loop's connections.

    Args:
        redis_url: where the processes share their counts; empty for a process alone.
    """

    def __init__(self, redis_url: str = "") -> None:
        self._held: Counter[str] = Counter()
        self._process = secrets.token_hex(8)
        self._redis: Any = None
        self._redis_url = redis_url
        self._rest_until = float("-inf")
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._renewal: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[bool]] = set()

    async def take(self, key: str, most: int) -> bool:
        """Take a place.

        Args:
            key: whose: a user's or an address's.
            most: how many there are.

        Returns:
            Whether there was one; `give_back` it then.
        """
        if self._held[key] >= most:
            return False
        self._held[key] += 1
        is_taken = False
        try:
            is_taken = not self._redis_url or await self._tell(key, most)
        finally:
            if not is_taken:  # refused, or the client vanished while we asked
                self._let_go(key)
        return is_taken

    def give_back(self, keys: Iterable[str]) -> None:
        """Give places back."""
        for key in keys:
            self._let_go(key)
            if self._redis_url:
                task = asyncio.get_running_loop().create_task(self._tell(key, _WITHOUT_LIMIT))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """End the renewal, and the connection to Redis."""
        tasks = [*self._telling, *([self._renewal] if self._renewal else [])]
        if self._renewal is not None:
            self._renewal.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()

    def _let_go(self, key: str) -> None:
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]

    async def _tell(self, key: str, most: int) -> bool:
        """Write our count of a key down; False where the sum would be over the limit. Without Redis it never is."""
        if self._is_resting():
            return True
        self._connect()
        # A few at a time: the client opens a connection for each that is under way, and after a restart hundreds come
        # at once. Those that waited behind one that failed don't try. One at a time of each key: on two connections a
        # place that is given back could overtake the same one taken anew.
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn, self._gate:
            return self._is_resting() or await self._ask(key, most)

    async def _ask(self, key: str, most: int) -> bool:
        try:
            arguments = [self._process, self._held[key], KEPT_FOR, most]
            return bool(await self._take([f"fourline.sockets.{key}"], arguments))
        except (RedisError, OSError) as error:
            if not self._is_resting():
                self._rest_until = asyncio.get_running_loop().time() + REDIS_REST
                log.warning("shared counts of sockets are away, the local ones hold: %s", type(error).__name__)
            return True

    def _is_resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rest_until

    def _connect(self) -> None:
        if self._redis is None:
            self._redis = Redis.from_url(
                self._redis_url,
                socket_timeout=REDIS_TIMEOUT,
                socket_connect_timeout=REDIS_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
            self._take = self._redis.register_script(_TAKE)
            self._renewal = asyncio.get_running_loop().create_task(self._renew_for_ever())

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY)
            for key in tuple(self._held):
                await self._tell(key, _WITHOUT_LIMIT)
