"""One Redis or Valkey server, as one event loop sees it: what it publishes there, and which groups it hears.

Nothing that calls in here waits for the server, but for `Shard.subscribed`, and that not for long. Two connections are
kept, one that hears and one that speaks, and made again whenever either fails.
"""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from games.layers.redis_subscriptions import Subscriptions
from games.logs import reason_of

log = logging.getLogger("fourline.layer")

MAX_UNSENT = 10_000
"""Messages that may wait to be published; more are dropped, and noticed by the games' versions."""
MAX_UNREAD = 1_000_000
"""Bytes that may lie in the socket's buffer; beyond them messages wait here."""
CLOGGED_FOR = 0.02
"""Seconds until that is looked at again."""
MAX_NAMES = 1_000
"""Groups in one SUBSCRIBE."""
CONNECT_WITHIN = 1.0
"""Seconds."""
SEND_WITHIN = 2.0
"""Seconds that the server may take for a pipeline."""
PING_INTERVAL = 1.0
"""Seconds."""
QUIET = 2.0
"""Seconds without a word, although pinged, after which nothing is expected of it for now."""
SILENCE = 3.5
"""Seconds without a word, although pinged, after which a server counts as gone."""
PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds between attempts to connect, growing; the last one stays."""

_FAILURES = (RedisError, OSError, TimeoutError, hiredis.HiredisError)


class Shard:
    """One server.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        take: called with a group and what was published to it by anybody, ourselves included.
        renewed: called with the groups that may have missed something, once they are heard (again).
    """

    def __init__(self, url: str, take: Callable[[str, bytes], None], renewed: Callable[[frozenset[str]], None]) -> None:
        # Waiting for an answer is bounded here, not by the client, which would end idle subscriptions.
        self._pool = ConnectionPool.from_url(
            url, protocol=2, socket_connect_timeout=CONNECT_WITHIN, socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )
        # PUBLISH ignores the database number, so the prefix has it.
        self._prefix = b"fourline.%d:" % int(self._pool.connection_kwargs.get("db") or 0)
        self._loop = asyncio.get_running_loop()
        self._take = take
        self._renewed = renewed
        self._subscriptions = Subscriptions()
        self._unsent: deque[tuple[bytes, bytes]] = deque()
        self._asked = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._heard_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self.is_down = False
        """Whether the last attempt to reach the server failed; not so before the first one."""
        self.dropped = 0

    @property
    def is_up(self) -> bool:
        """Whether every group is heard: the server has said something lately, and all subscriptions stand."""
        return not self.is_down and not self._subscriptions.is_renewing and self._loop.time() - self._heard_at < QUIET

    def start(self) -> None:
        """Connect, and stay connected."""
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    async def close(self, within: float) -> None:
        """Send what waits, in so many seconds, and disconnect."""
        if self._task is None:
            return
        end = self._loop.time() + within
        while self._has_unsent() and self._loop.time() < end:
            await asyncio.sleep(0.005)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def _has_unsent(self) -> bool:
        if self.is_down:
            return False
        return bool(self._unsent) or (self._writer is not None and self._writer.transport.get_write_buffer_size() > 0)

    # --- what the layer asks ------------------------------------------------------------------------------------

    def publish(self, group: str, payload: bytes) -> None:
        """Send to every process that hears a group; dropped while the server is away."""
        if self.is_down or len(self._unsent) >= MAX_UNSENT:
            self.dropped += 1
            return
        if not self._unsent:
            self._loop.call_soon(self._send)  # with whatever else is published in this turn of the loop
        self._unsent.append((self._prefix + group.encode(), payload))

    def subscribe(self, group: str) -> None:
        """One more member hears a group."""
        self._subscriptions.add(group)
        if self._subscriptions.is_asked:
            self._asked.set()

    async def subscribed(self, group: str) -> None:
        """Wait, not for long, until a group is heard, or known not to be."""
        await self._subscriptions.stands(group)

    def unsubscribe(self, group: str) -> None:
        """A member no longer hears a group."""
        self._subscriptions.discard(group)

    # --- staying connected --------------------------------------------------------------------------------------

    async def _run(self) -> None:
        failures = 0
        while True:
            since = self._loop.time()
            try:
                await self._stay_connected()
            except* _FAILURES as errors:
                self._lose(errors.exceptions[0])
            except* Exception as errors:  # a mistake of ours must not end the layer for good
                log.exception("the shared layer failed")
                self._lose(errors.exceptions[0])
            failures = 0 if self._loop.time() - since > 2 * PING_INTERVAL else failures + 1
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311  only spreads the load

    async def _stay_connected(self) -> None:
        hearing, speaking = (self._pool.make_connection() for _ in range(2))  # type: ignore[no-untyped-call]  # redis-py's own
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await hearing.connect()
                await speaking.connect()
            self._begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(hearing))
                tasks.create_task(self._ask(hearing))
                tasks.create_task(self._speak(speaking))
        finally:
            for connection in (hearing, speaking):
                with contextlib.suppress(*_FAILURES):
                    await connection.disconnect(nowait=True)

    def _begin(self) -> None:
        """Connected: subscribe to everything (again)."""
        self._heard_at = self._loop.time()
        self._subscriptions.begin()
        self.is_down = False
        self._asked.set()
        self._renew_if_complete()

    def _lose(self, error: BaseException) -> None:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not self.is_down:
            log.warning("the shared layer is away, the store serves meanwhile: %s", reason_of(error))
        self.is_down = True
        self.dropped += len(self._unsent)
        self._unsent.clear()
        self._subscriptions.lose()

    def _renew_if_complete(self) -> None:
        groups = self._subscriptions.renewed()
        if groups is not None:
            log.info("the shared layer is here, %d groups are heard", len(groups))
            self._renewed(groups)

    # --- hearing ------------------------------------------------------------------------------------------------

    async def _hear(self, connection: Any) -> None:
        start = len(self._prefix)
        while True:
            response = await connection.read_response(disconnect_on_error=False)
            self._heard_at = self._loop.time()
            if not isinstance(response, list):
                continue  # the answer to a PING without subscriptions
            kind = response[0]
            if kind == b"message":
                self._take(response[1][start:].decode(), response[2])
            elif kind == b"subscribe":
                self._confirm(response[1][start:].decode())

    def _confirm(self, group: str) -> None:
        missed = self._subscriptions.confirm(group)
        if missed:
            self._renewed(missed)
        self._renew_if_complete()

    async def _ask(self, connection: Any) -> None:
        """Send what subscribes, unsubscribes and pings."""
        ping_at = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_INTERVAL):
                    await self._asked.wait()
            self._asked.clear()
            commands = self._commands(b"SUBSCRIBE", self._subscriptions.take_new())
            now = self._loop.time()
            if now >= ping_at:
                if ping_at and now - self._heard_at > SILENCE:
                    raise TimeoutError("it does not answer")
                ping_at = now + PING_INTERVAL
                commands += self._commands(b"UNSUBSCRIBE", self._subscriptions.take_idle())
                commands.append(_packed((b"PING",)))
            if commands:
                async with asyncio.timeout(SEND_WITHIN):
                    await connection.send_packed_command(commands, check_health=False)

    def _commands(self, name: bytes, groups: list[str]) -> list[bytes]:
        names = [self._prefix + group.encode() for group in groups]
        return [_packed((name, *chunk)) for chunk in _chunks(names)]

    # --- speaking -----------------------------------------------------------------------------------------------

    async def _speak(self, connection: Any) -> None:
        """Let what waits be published, until the connection breaks.

        No answer is asked for: nobody would do anything with it, and waiting for it costs more than sending. A server
        that falls silent shows on the connection that hears.
        """
        async with asyncio.timeout(SEND_WITHIN):
            # The first one is answered: whether we may publish at all.
            greeting = [_packed((b"PUBLISH", self._prefix, b"")), _packed((b"CLIENT", b"REPLY", b"OFF"))]
            await connection.send_packed_command(greeting, check_health=False)
            await connection.read_response(disconnect_on_error=False)
        self._writer = connection._writer  # redis-py has no public way to send without waiting
        try:
            self._send()
            await connection.read_response(disconnect_on_error=False)
        finally:
            self._writer = None

    def _send(self) -> None:
        """Hand what waits to the socket, unless too much lies there already."""
        if self._writer is None or self._writer.is_closing() or not self._unsent:
            return
        if self._writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self._loop.call_later(CLOGGED_FOR, self._send)
            return
        self._writer.write(b"".join([_packed((b"PUBLISH", *publication)) for publication in self._unsent]))
        self._unsent.clear()


def _chunks(names: list[bytes]) -> Iterable[list[bytes]]:
    return (names[start : start + MAX_NAMES] for start in range(0, len(names), MAX_NAMES))


def _packed(command: tuple[bytes, ...]) -> bytes:
    packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub forgets the dots of tuple[...]
    return packed
