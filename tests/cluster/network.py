"""The network before one server, where all packets can get lost."""

import asyncio
import contextlib
import socket

FULL = 4
"""Connections that fill a queue for one."""


class Network:
    """Forwards connections to a port of loopback, until it loses everything that comes.

    What is lost is lost without a word, as by a machine that vanishes: nothing is forwarded, nothing is closed, and
    the kernel doesn't answer who wants to connect, because the queue of those who wait for it is full.

    Args:
        target: the server's port.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._is_refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._fillers: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._unclaimed: set[socket.socket] = set()
        """Accepted, and no stream yet."""

    async def __aenter__(self) -> "Network":
        self._spawn(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.mend()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._unclaimed:
            connection.close()
        self._listener.close()
        await asyncio.sleep(0.05)  # closed transports let go of their sockets

    def lead_to(self, target: int) -> None:
        """Forward new connections to another server."""
        self._target = target

    def lose_everything(self) -> None:
        """From now on nothing gets through, in either direction."""
        self._is_whole.clear()
        self._listener.listen(0)
        for _ in range(FULL):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)

    def refuse_everything(self) -> None:
        """From now on connections are closed, and new ones refused, as by a server that has ended."""
        self._is_refusing = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def mend(self) -> None:
        """Everything gets through again, also what the ends have sent meanwhile."""
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        self._listener.listen(128)
        self._is_refusing = False
        self._is_whole.set()

    def _spawn(self, work: "asyncio.Future[None] | object") -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type, var-annotated]  # a coroutine of ours
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            await self._is_whole.wait()
            # Asked again and again: a call that waits would still take the first who comes after the loss.
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                await asyncio.sleep(0.002)
                continue
            connection.setblocking(False)
            self._unclaimed.add(connection)
            self._spawn(self._forward(connection))

    async def _forward(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(sock=connection)
            self._unclaimed.discard(connection)
            if self._is_refusing:
                writer.transport.abort()
                return
            try:
                there, here = await asyncio.open_connection("127.0.0.1", self._target)
            except OSError:
                writer.close()
                raise
            self._writers |= {writer, here}
            try:
                await asyncio.gather(self._pump(reader, here), self._pump(there, writer))
            finally:
                self._writers -= {writer, here}
                for side in (writer, here):
                    side.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._is_whole.wait()
                sink.write(data)
                await sink.drain()
        await self._is_whole.wait()
        sink.close()
