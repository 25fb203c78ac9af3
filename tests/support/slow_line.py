"""A line before a server on which everything takes its time, in both directions."""

import asyncio
import contextlib


class SlowLine:
    """Forwards connections to a port of loopback, each piece a while after it came.

    Args:
        target: the server's port.
        delay_s: seconds, each way.
    """

    def __init__(self, target: int, delay_s: float) -> None:
        self._target = target
        self._delay_s = delay_s
        self._server: asyncio.Server | None = None

    @property
    def ws_url(self) -> str:
        """Where its sockets are."""
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "SlowLine":
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            await asyncio.gather(self._pump(reader, here), self._pump(there, writer))
        finally:
            for side in (writer, here):
                side.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                loop.call_later(self._delay_s, sink.write, data)
            await asyncio.sleep(self._delay_s)
        sink.close()
