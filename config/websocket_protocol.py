"""uvicorn's WebSocket protocol, with bounds on what one connection may cost everybody else.

The parent parses whatever has come in one go, answers pings by itself and tells the application of whole messages only:
control frames and fragments cost time and memory that no limit of the application sees.
"""

import asyncio
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from websockets.frames import Frame
from websockets.protocol import State

from config import frames
from config.frame_limits import CONTROL_COST, LINGER, MOST_FRAGMENTS, new_budget
from config.measured_websocket import MeasuredWebSocket
from config.upgrades import Upgrade
from games.access import addresses
from games.access.quotas import note_flood
from games.metrics import figures
from games.protocol import CloseCode
from games.sockets.lag import RECEIVED_AT

READ_AHEAD = 16
"""Messages that may wait for a consumer before its socket is read no further."""
BUFFER = bytearray(512)
"""What comes in is parsed in pieces of this size: at most 85 frames, about half a millisecond."""
MOST_UNSENT = 32 * 1024
"""Bytes that may wait to be sent to a connection before it is read no further."""
STALLED_AFTER = 30.0
"""Seconds after which somebody who doesn't read what is sent is cut off."""
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

UNSOLICITED_PONG = b"\x8a\x00"


class WebSocketProtocol(MeasuredWebSocket):
    """uvicorn's, reading a little ahead, parsing a little at a time, and counting every frame and byte.

    uvicorn stops and starts reading around every single message, which is two calls into the kernel a message; this
    does so only when several wait.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._budget = new_budget(self.loop.time())
        self._unfinished = b""
        """The beginning of a text whose rest is to come."""
        self._is_usual = False
        """Whether what comes next begins a frame, or goes on with that text: else the library has to read it."""
        self.early = b""
        """What came before the application accepted: frames, from a client that didn't wait for the answer. At most
        what came with the request, and one read."""
        self._is_cut_off = False
        self._end_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def meet(self, transport: asyncio.Transport, server: Any, client: Any) -> None:
        """Let less wait to be sent than a transport does by itself."""
        super().meet(transport, server, client)
        transport.set_write_buffer_limits(MOST_UNSENT)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        super().connection_lost(exc)
        for timer in (self._end_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()

    # --- what comes in ------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take what has come: first a request, in one piece, then frames, in pieces no larger than `BUFFER`."""
        if not self.handshake_initiated:
            self._take_handshake(data)
        elif not self.handshake_complete:
            self.early += data
            self.transport.pause_reading()
        elif self._is_usual:
            self._take_frames(self._unfinished + data, len(data))
        else:
            self._let_library_read(data, len(data))

    def _take_frames(self, data: bytes, size: int) -> None:
        """Read frames, and have the library read what is left of them.

        Args:
            data: begins where a frame does.
            size: of that part of it which is new.
        """
        found, self._unfinished, others = frames.read(data)
        if self._is_over_budget(len(found), size):
            self.cut_off()
            return
        now = self.loop.time()
        for each in found:
            if self.transport.is_closing():
                return  # a close came before
            if isinstance(each, bytes):
                self._take_control(each)
            elif not self.close_sent:
                self._queue_message({"type": "websocket.receive", "text": each, RECEIVED_AT: now})
        if others and not self.transport.is_closing():
            self._is_usual = False
            self._let_library_read(others, 0)

    def _take_control(self, frame: bytes) -> None:
        if self._is_over_budget(0, 0):
            self.cut_off()
        elif not self.take_control(frame):
            self._let_library_read(frame, 0, counted=1)

    def _let_library_read(self, data: bytes, size: int, counted: int = 0) -> None:
        conn = self.conn
        conn.receive_data(data)
        if self._is_over_budget(len(conn.events) - counted, size):
            self.cut_off()
        elif conn.parser_exc is not None:
            self.handle_parser_exception()
        else:
            self.handle_events()

    def _is_over_budget(self, count: int, size: int) -> bool:
        budget = self._budget
        budget.frames -= count
        budget.size -= size
        return (budget.frames < 0 or budget.size < 0) and not budget.renew(self.loop.time())

    def take_upgrade(self, upgrade: Upgrade) -> None:
        """Put a request for a socket before the application; what follows it waits."""
        self.early, self._is_usual = upgrade.early, True
        super().take_upgrade(upgrade)

    def _take_handshake(self, request: bytes) -> None:
        """Have the library answer a request for a socket that is in some way unusual."""
        self.conn.receive_data(request)
        if self.conn.handshake_exc is not None:
            # The library has an answer to long lines and to many, none to what it can't read; the parent sends neither.
            self.handshake_initiated = self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()) or BAD_REQUEST)
            self.transport.close()
            return
        self.handle_events()

    def may_read(self) -> bool:
        """Whether more may be read now: from whoever doesn't read what we send, nothing is."""
        return (
            not self.read_paused
            and not self._is_cut_off
            and self.handshake_complete
            and self.writable.is_set()
            and not self.transport.is_closing()
        )

    def _read_on(self) -> None:
        if self.may_read():
            self.transport.resume_reading()

    def handle_cont(self, event: Frame) -> None:
        """Collect a fragment, unless they are too many."""
        self._budget.frames -= CONTROL_COST - 1
        if len(self.frames) < MOST_FRAGMENTS:
            super().handle_cont(event)
        else:
            self.cut_off()

    def handle_ping(self) -> None:
        """Answer, and count it."""
        self._budget.frames -= CONTROL_COST - 1
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Count it, too: the answer to a ping of ours as any frame, all others as what nobody needs."""
        if not self.is_answer(event):
            self._budget.frames -= CONTROL_COST - 1
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """Queue a whole message for the application."""
        was_paused = self.read_paused
        self.read_paused = True  # what the parent looks at before it pauses
        super().send_receive_event_to_app()
        self.read_paused = was_paused
        self._pause_if_full()

    def _queue_message(self, message: Any) -> None:  # uvicorn's type has none of our fields
        self.queue.put_nowait(message)
        self._pause_if_full()

    def _pause_if_full(self) -> None:
        if not self.read_paused and self.queue.qsize() >= READ_AHEAD:
            self.read_paused = True
            self.transport.pause_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message for the application."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self._read_on()
        return message

    # --- what goes out ------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Send a sign of life that nobody answers; none where what was sent before still waits."""
        if self.transport.get_write_buffer_size() == 0:
            self.send_frame(UNSOLICITED_PONG)

    async def send(self, message: ASGISendEvent) -> None:
        """Send; to somebody who is cut off, or about to go, as to somebody who has gone.

        Raises:
            ClientDisconnected: there is nobody any more to send it to.
        """
        if not self.handshake_complete:
            await self._answer_handshake(message)
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    async def _answer_handshake(self, message: ASGISendEvent) -> None:
        """Answer the handshake; one that the application refused with a status of its own counts as complete.

        The parent logs such a refusal as an error of the application.
        """
        if self.transport.is_closing():
            self.handshake_complete = True  # there is nobody left to complete it with; the parent logs an error else
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True
        if self.handshake_complete and self._upgrade is None:
            self.handshake_completed()

    def handshake_completed(self) -> None:
        """Take what came too early, and read on."""
        early, self.early = self.early, b""
        for start in range(0, len(early), len(BUFFER)):
            if self.may_read():
                self.data_received(early[start : start + len(BUFFER)])
        self._read_on()

    def pause_writing(self) -> None:
        """The client doesn't read: read it no further either, so that its pings make no more pongs."""
        super().pause_writing()
        self.transport.pause_reading()
        self._stall_timer = self.loop.call_later(STALLED_AFTER, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self._read_on()

    # --- the end ------------------------------------------------------------------------------------------------

    def cut_off(self) -> None:
        """Close for too many frames or bytes, and read nothing more.

        What the client goes on sending stays in the kernel. Closing the transport at once would reset the connection
        over it, and the client could lose the close frame, this one or the application's, so that waits a little.
        """
        self._is_cut_off = True
        self.frames = []
        self.transport.pause_reading()
        if not self.handshake_complete or not (self.close_sent or self.conn.state is State.OPEN):
            self.transport.abort()
            return
        if not self.close_sent:
            figures.closed[CloseCode.RATE_LIMITED] += 1
            note_flood(addresses.of_scope(dict(self.scope)))
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.RATE_LIMITED})
            self.conn.send_close(CloseCode.RATE_LIMITED)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(LINGER, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Close; who answers no ping may not read the close either, and is not waited for."""
        super().keepalive_timeout()
        self._abort_after(LINGER)

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has ended: so does the connection, also where its last words are never read."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._abort_after(self.close_timeout + LINGER)

    def _abort_after(self, seconds: float) -> None:
        if self._end_timer is None:
            self._end_timer = self.loop.call_later(seconds, self.transport.abort)
