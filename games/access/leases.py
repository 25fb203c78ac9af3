"""How many sockets are open at once, for each user and each address.

Counted in this process, and where there is a Redis over all processes: there each process stores its own count of each
key, and gives signs of life. Places held by a process that is dead, or drains, no longer count; and a person who held
one there and comes back within a minute resumes it, once for each place. While Redis is away the local counts hold.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
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
ALIVE_FOR = 4.0
"""Seconds for which a sign of life is good. What a machine that vanished held is free after that; a process that was
killed is known to be dead at once, because Redis sees its subscription end."""
ALIVE_EVERY = 1.0
"""Seconds between two of them."""
MAX_QUESTIONS = 8
"""Questions to Redis that are under way at a time."""


class Place(IntEnum):
    """What became of the wish for a place; true where there was one."""

    NONE = 0
    NEW = 1
    RESUMED = 2
    """It was held on a process that has died or drained meanwhile: its loss is no fault of who held it."""


# Adds up the other processes' counts and our new one, and stores ours if the sum is allowed: in one script, so that two
# processes can't both take the last place.
_TAKE = """
local now = tonumber(redis.call('TIME')[1])
local own, count, kept_for, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local total = count
local lost, lost_count, lost_ends
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
    local number, ends = string.match(held[i + 1], '(%d+) (%d+)')
    if tonumber(ends) < now then
        redis.call('HDEL', KEYS[1], held[i])
    elseif held[i] ~= own then
        local life = 'fourline.process.' .. held[i]
        if redis.call('EXISTS', life) == 1 and redis.call('PUBSUB', 'NUMSUB', life)[2] > 0 then
            total = total + tonumber(number)
        else
            lost, lost_count, lost_ends = held[i], tonumber(number), ends
        end
    end
end
if most >= 0 and total > most then return 0 end
if count > 0 then
    redis.call('HSET', KEYS[1], own, count .. ' ' .. (now + kept_for))
    redis.call('EXPIRE', KEYS[1], kept_for)
else
    redis.call('HDEL', KEYS[1], own)
end
if most < 0 or not lost then return 1 end
if lost_count > 1 then
    redis.call('HSET', KEYS[1], lost, (lost_count - 1) .. ' ' .. lost_ends)
else
    redis.call('HDEL', KEYS[1], lost)
end
return 2
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
        self._gate = asyncio.Semaphore(MAX_QUESTIONS)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._renewal: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[Place]] = set()
        self._life: Any = None
        self._living: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()

    async def take(self, key: str, most: int) -> Place:
        """Take a place.

        Args:
            key: whose: a user's or an address's.
            most: how many there are.

        Returns:
            Whether there was one; `give_back` it then.
        """
        if self._held[key] >= most:
            return Place.NONE
        self._held[key] += 1
        place = Place.NONE
        try:
            place = await self._tell(key, most) if self._redis_url else Place.NEW
        finally:
            if not place:  # refused, or the client vanished while we asked
                self._let_go(key)
        return place

    def give_back(self, keys: Iterable[str]) -> None:
        """Give places back."""
        for key in keys:
            self._let_go(key)
            if self._redis_url:
                task = asyncio.get_running_loop().create_task(self._tell(key, _WITHOUT_LIMIT))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)

    async def abandon(self) -> None:
        """Everybody is about to be sent away: what they hold here is theirs to resume, on whichever process.

        From now on this process counts under another name, as it would after a restart.
        """
        if self._redis is None or self._is_resting():
            return
        try:
            await self._end_life()
        except (RedisError, OSError) as error:
            self._rest(error)
        self._process = secrets.token_hex(8)
        await self._sign()

    async def close(self) -> None:
        """End the renewal, and the connection to Redis."""
        endless = [task for task in (self._renewal, self._living) if task is not None]
        for task in endless:
            task.cancel()
        await asyncio.gather(*self._telling, *endless, return_exceptions=True)
        if self._redis is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._end_life()
            await self._life.aclose()
            await self._redis.aclose()

    def _let_go(self, key: str) -> None:
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]

    async def _tell(self, key: str, most: int) -> Place:
        """Write our count of a key down; none where the sum would be over the limit. Without Redis it never is."""
        if self._is_resting():
            return Place.NEW
        await self._connect()
        # A few at a time, because the client opens a connection for each, and after a restart hundreds come at once.
        # One at a time for each key, because on two connections a place given back could overtake the same place taken
        # again. After a failure those that waited don't ask.
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn, self._gate:
            return Place.NEW if self._is_resting() else await self._ask(key, most)

    async def _ask(self, key: str, most: int) -> Place:
        try:
            arguments = [self._process, self._held[key], KEPT_FOR, most]
            return Place(await self._take([f"fourline.sockets.{key}"], arguments))
        except (RedisError, OSError) as error:
            self._rest(error)
            return Place.NEW

    def _rest(self, error: Exception) -> None:
        if not self._is_resting():
            self._rest_until = asyncio.get_running_loop().time() + REDIS_REST
            log.warning("shared counts of sockets are away, the local ones hold: %s", type(error).__name__)

    def _is_resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rest_until

    async def _connect(self) -> None:
        """Connect, and live, before the first count is written: who is not known to live holds nothing."""
        async with self._beginning:
            if self._redis is not None:
                return
            self._redis = Redis.from_url(
                self._redis_url,
                socket_timeout=REDIS_TIMEOUT,
                socket_connect_timeout=REDIS_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
            self._take = self._redis.register_script(_TAKE)
            self._life = self._redis.pubsub()
            await self._sign()
            loop = asyncio.get_running_loop()
            self._renewal = loop.create_task(self._renew_for_ever())
            self._living = loop.create_task(self._live_for_ever())

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def _life_key(self) -> str:
        """Of our sign of life, and the channel to which we are subscribed as long as we live."""
        return f"fourline.process.{self._process}"

    async def _sign(self) -> None:
        """Give a sign of life."""
        if self._is_resting():
            return
        try:
            if self._life_key.encode() not in self._life.channels:
                await self._life.subscribe(self._life_key)
            await self._life.get_message(timeout=0)  # connects again where the connection was lost
            await self._redis.set(self._life_key, 1, px=int(ALIVE_FOR * 1000))
        except (RedisError, OSError) as error:
            self._rest(error)

    async def _end_life(self) -> None:
        await self._life.unsubscribe(self._life_key)
        await self._redis.delete(self._life_key)

    async def _live_for_ever(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            await self._sign()

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY)
            for key in tuple(self._held):
                await self._tell(key, _WITHOUT_LIMIT)
