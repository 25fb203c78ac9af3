"""The sending half of a connection: frames, as long as it is open, and its close."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from msgspec import UnsetType

from games import protocol
from games.layers.messages import ChatSaid, GameEvent
from games.metrics import figures
from games.protocol import CloseCode, CommandId, ErrorCode, GameError

ERROR_INTERVAL = 1.0
"""Seconds between two `rate_limited` errors on a connection."""


class Closed(Exception):
    """This connection is over: the client is gone, or we have closed it."""


def lost() -> tuple[type[Exception], ...]:
    """What ends a connection whose client has gone: `Closed`, an error of the system, and Daphne's own.

    That one is of a library which only Daphne loads: it costs other processes 5% of their start.
    """
    daphnes = sys.modules.get("autobahn.exception")
    return (Closed, OSError) if daphnes is None else (Closed, OSError, daphnes.Disconnected)


_CLOSE_CODES = {
    ErrorCode.UNAUTHENTICATED: CloseCode.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN: CloseCode.FORBIDDEN,
    ErrorCode.GAME_NOT_FOUND: CloseCode.GAME_NOT_FOUND,
    ErrorCode.RATE_LIMITED: CloseCode.RATE_LIMITED,
    ErrorCode.TRY_AGAIN: CloseCode.TRY_AGAIN,
}


class Sender(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels comes without types
    """What both consumers send with. Nothing goes out before the handshake is accepted, nor after a close of ours."""

    base_send: Callable[[dict[str, Any]], Awaitable[None]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._may_send = False
        self._send_frame: Callable[[bytes], bool] | None = None
        self._told_of_limit = float("-inf")

    async def send_text(self, text: str) -> None:
        """Send a frame, unless this connection is over."""
        if self._may_send:
            await self.base_send({"type": "websocket.send", "text": text})

    async def _refuse_command(self, error: GameError, command_id: CommandId | UnsetType | None) -> None:
        figures.refused["socket", error.code] += 1
        if error.code is not ErrorCode.RATE_LIMITED or self._may_tell_of_limit():
            await self.send_text(protocol.error_text(error, command_id))

    def _may_tell_of_limit(self) -> bool:
        """Whether the last ``rate_limited`` was long enough ago; if so, this is one."""
        now = asyncio.get_running_loop().time()
        if now - self._told_of_limit < ERROR_INTERVAL:
            return False
        self._told_of_limit = now
        return True

    async def refuse_if_open(self, error: GameError, command_id: CommandId | UnsetType) -> None:
        """Say that a command is refused, from outside the connection's own loops."""
        with contextlib.suppress(*lost()):
            await self._refuse_command(error, command_id)

    async def send_if_open(self, text: str) -> None:
        """Send a frame, from outside the connection's own loops."""
        with contextlib.suppress(*lost()):
            await self.send_text(text)

    async def end(self, code: CloseCode) -> None:
        """Close the connection.

        Raises:
            Closed: always, to leave the loop that called.
        """
        if self._may_send:
            self._may_send = False
            figures.closed[int(code)] += 1
            await self.base_send({"type": "websocket.close", "code": int(code)})
        raise Closed

    async def send_together(self, texts: list[str]) -> None:
        """Send several frames, in one write where the server can."""
        frames = b"".join(map(protocol.frame, texts)) if self._send_frame is not None else b""
        if not (frames and self._may_send and self._send_frame is not None and self._send_frame(frames)):
            for text in texts:
                await self.send_text(text)

    def send_at_once(self, message: GameEvent | ChatSaid) -> bool:
        """Send an event's frame, encoded once for all its receivers, unless that would have to wait."""
        frame = message.get("frame")
        if frame is None:
            frame = message["frame"] = protocol.frame(message["text"])
        return self._may_send and self._send_frame is not None and self._send_frame(frame)

    async def _refuse_handshake(self, status: int) -> None:
        """Answer the handshake with an HTTP status, 403 where the server knows no other; Closed."""
        if status != 403 and "websocket.http.response" in (self.scope.get("extensions") or {}):
            await self.base_send({"type": "websocket.http.response.start", "status": status, "headers": []})
            await self.base_send({"type": "websocket.http.response.body", "body": b""})
        else:
            await self.base_send({"type": "websocket.close"})
        raise Closed

    async def _refuse(self, error: GameError) -> None:
        """Say why, then close; Closed."""
        figures.refused["socket", error.code] += 1
        await self.send_text(protocol.error_text(error))
        await self.end(_CLOSE_CODES.get(error.code, CloseCode.TRY_AGAIN))
