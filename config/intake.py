"""What comes in on a connection, a little at a time."""

import asyncio
from typing import Protocol, cast


class Receiver(Protocol):
    """A protocol of asyncio's that an `Intake` feeds."""

    def data_received(self, data: bytes, /) -> None:
        """Take what has come; it is not kept by the caller."""

    def may_read(self) -> bool:
        """Whether reading may go on."""

    def connection_made(self, transport: asyncio.Transport, /) -> None:
        """The connection is there."""

    def connection_lost(self, exc: Exception | None, /) -> None:
        """The connection is gone."""

    def eof_received(self) -> bool | None:
        """The other side says nothing more."""

    def pause_writing(self) -> None:
        """Too much waits to be sent."""

    def resume_writing(self) -> None:
        """Enough of it was sent."""


class Intake(asyncio.BufferedProtocol):
    """Stands between a transport and a protocol, and reads so little at once that everybody else has a turn in between.

    uvloop by itself reads 256 KB up to 32 times before it looks at another connection; what is not read stays in the
    kernel, which makes the sender wait.

    Args:
        receiver: the protocol.
        buffer: what is read into. All connections may share it: it is copied at once.
    """

    def __init__(self, receiver: Receiver, buffer: bytearray) -> None:
        self._receiver = receiver
        self._data_received = receiver.data_received
        self._buffer = buffer
        self._size = len(buffer)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._receiver.connection_made(self._transport)

    def hand_to(self, receiver: Receiver, buffer: bytearray) -> None:
        """Feed another receiver from now on: the transport notices nothing, and goes on reading.

        Args:
            receiver, buffer: as for a new one.
        """
        self._receiver = receiver
        self._data_received = receiver.data_received
        self._buffer = buffer
        self._size = len(buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on."""
        self._receiver.connection_lost(exc)

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return self._receiver.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._receiver.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._receiver.resume_writing()

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to read to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what has come; where there is more, after a turn of everybody else."""
        self._data_received(self._buffer[:nbytes])  # type: ignore[arg-type]  # parsers take a bytearray as well
        if nbytes == self._size and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and self._receiver.may_read():
            self._transport.resume_reading()
