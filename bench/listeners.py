"""A process that hears a group on many channels, as that many spectators would make it: what the layer alone costs.

`python -m bench.listeners ours redis://127.0.0.1:6379/0 1000` says ``ready``, hears what is sent to `GROUP`, and when
its standard input ends prints JSON: for each event the milliseconds until the last channel had it, and the CPU.
Run by `bench.cluster`, which sends.
"""

import asyncio
import json
import sys
import time
from typing import Any

GROUP = "games.ABCDEF"
STOCK = "channels_redis.pubsub.RedisPubSubChannelLayer"


def layer(kind: str, url: str) -> Any:
    """Ours, or Channels' stock one."""
    if kind == "ours":
        from games.layers.redis_layer import RedisLayer

        return RedisLayer([url])
    from channels_redis.pubsub import RedisPubSubChannelLayer

    return RedisPubSubChannelLayer(hosts=[url])


class Audience:
    """Channels that each get every event."""

    def __init__(self, layer: Any, size: int) -> None:
        self._layer = layer
        self._size = size
        self._heard = 0
        self.milliseconds: list[float] = []

    async def listen(self) -> None:
        """Subscribe every channel, each with a task of its own, as a consumer does."""
        channels = [await self._layer.new_channel() for _ in range(self._size)]
        for channel in channels:
            await self._layer.group_add(GROUP, channel)
        if hasattr(self._layer, "attach"):
            for channel in channels:
                self._layer.attach(channel, self._take)
        self._tasks = [asyncio.create_task(self._receive(channel)) for channel in channels]

    async def _receive(self, channel: str) -> None:
        while True:
            self._take(await self._layer.receive(channel))

    def _take(self, message: dict[str, Any]) -> bool:
        self._heard += 1
        if self._heard % self._size == 0:
            self.milliseconds.append((time.monotonic() - message["sent"]) * 1000)
        return True


async def main(kind: str, url: str, size: int) -> None:
    """Listen until standard input ends."""
    audience = Audience(layer(kind, url), size)
    await audience.listen()
    cpu = time.process_time()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.sleep(0.2)
    cpu = (time.process_time() - cpu) * 1000
    print(json.dumps({"milliseconds": audience.milliseconds, "cpu_ms": cpu}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
