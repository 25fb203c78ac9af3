"""A TCP proxy before PostgreSQL that cuts a connection at the transaction of a move."""

import asyncio
import contextlib
from enum import Enum


class Cut(Enum):
    """When the next transaction of a move loses its connection."""

    NEVER = "never"
    BEFORE = "before PostgreSQL hears of it"
    AFTER = "after PostgreSQL has committed, before its answer arrives"


class CuttingProxy:
    """Forwards connections, one of which it cuts when told to.

    Args:
        target: PostgreSQL's port on loopback.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self.cut = Cut.NEVER
        self.cuts = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> "CuttingProxy":
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._target)
        answers = asyncio.ensure_future(self._pump(there, writer))
        with contextlib.suppress(OSError):
            await self._ask(reader, here, there, answers)
        answers.cancel()
        for side in (writer, here):
            side.close()

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        here: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        answers: "asyncio.Future[None]",
    ) -> None:
        has_row = False
        while request := await reader.read(65536):
            # A transaction of several statements has the text of each in its request; one alone is prepared.
            is_in_transaction = b"INSERT INTO games_change" in request and b"'{" in request
            is_alone = b"{move" in request and not is_in_transaction
            has_row = has_row or is_in_transaction
            if is_alone or (has_row and b"COMMIT" in request):
                has_row = False
                if self.cut is not Cut.NEVER:
                    await self._cut(request, here, there, answers)
                    return
            here.write(request)
            await here.drain()

    async def _cut(
        self,
        statement: bytes,
        here: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        answers: "asyncio.Future[None]",
    ) -> None:
        """Lose the connection; whether PostgreSQL gets the statement is `cut`'s to say."""
        cut, self.cut = self.cut, Cut.NEVER
        self.cuts += 1
        answers.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answers
        if cut is Cut.AFTER:
            here.write(statement)
            await there.read(65536)  # its answer, which nobody gets

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while answer := await source.read(65536):
                sink.write(answer)
                await sink.drain()
