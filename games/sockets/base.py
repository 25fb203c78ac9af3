"""The base of both consumers: handshake, limits, errors and closing. What is said on a connection is theirs.

Departures from Channels' stock consumer, each for a measured reason (docs/performance.md):

* No `aclose_old_connections` for each event: that is a hop to a thread, on the one thread that database work shares.
  Nothing is lost by it, because all database work here goes through `games.storage.reader`.
* Two plain loops, one for the socket and one for the layer, instead of `await_many_dispatch`, which makes a task and a
  wait for each event. Socket and layer events may so interleave within one consumer.
* Clean-up in a `finally` around the whole consumer: a server may raise through any await, and then never calls
  `disconnect`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from channels.consumer import AsyncConsumer
from msgspec import UnsetType

from games import logs, protocol
from games.access import addresses, identity
from games.access.identity import NOBODY, Claim, ForeignOrigin, Identity
from games.access.limits import Allowance, Ruling
from games.access.quotas import claims, note_flood
from games.layers.messages import Message
from games.layers.process_layer import ProcessLayer
from games.metrics import figures
from games.protocol import CloseCode, CommandId, ErrorCode, GameError, InvalidMessage
from games.runtime import Runtime
from games.sockets import admission
from games.sockets.lag import RECEIVED_AT
from games.sockets.sending import Closed, Sender, lost

log = logging.getLogger("fourline.sockets")

Receive = Callable[[], Awaitable[dict[str, Any]]]
ABNORMAL = 1006
"""The close code of a connection that ended without one (RFC 6455, 7.1.5)."""

C = TypeVar("C", bound=protocol.Command)
"""What is asked on a socket."""


class Socket(Sender, Generic[C]):
    """One connection. Subclasses give `parse`, `connect`, `receive_json`, `disconnect`, and handle layer messages."""

    @staticmethod
    def parse(text: str) -> C:
        """Read one frame.

        Raises:
            InvalidMessage: it is no command of this socket.
        """
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identity: Identity = NOBODY
        self._may_command = True
        self._listener: asyncio.Task[None] | None = None
        self._close_code = ABNORMAL
        self._received_at: float | None = None
        self._invalid_in_a_row = 0
        self._leases: list[str] = []

    # --- for subclasses -----------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Join the groups and send the first snapshot.

        Raises:
            GameError: the connection is refused; the client is told the code and closed.
        """
        raise NotImplementedError

    async def receive_json(self, command: C) -> None:
        """Act on a parsed command.

        Raises:
            GameError: it is refused; the client is told.
        """
        raise NotImplementedError

    async def disconnect(self, code: int) -> None:
        """Undo what `connect` did. Runs however the connection ends; `connect` may have stopped anywhere.

        Args:
            code: as the client closed, or 1006 where it vanished or was closed by us.
        """

    def allowance(self) -> tuple[int, float]:
        """How many messages this connection may send in how many seconds."""
        raise NotImplementedError

    def grant(self, allowance: tuple[int, float]) -> None:
        """Start anew with another allowance: messages, and the seconds of their window."""
        self._allowance = Allowance(*allowance, self._loop.time())

    # --- the life of a connection -------------------------------------------------------------------------------

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Callable[..., Awaitable[None]]) -> None:
        """Serve one connection from handshake to end."""
        self.scope = scope
        self._send_frame = (scope.get("extensions") or {}).get(protocol.SEND_FRAME)
        self.base_send = send
        self.runtime = Runtime.here()
        self.registry = self.runtime.registry
        self._loop = asyncio.get_running_loop()
        self.address = addresses.of_scope(scope)
        logs.enter_connection(scope)
        figures.handshakes += 1
        try:
            await receive()  # websocket.connect
            await self._handshake()
            self._listener = self._loop.create_task(self._listen())
            await self._serve(receive)
        except Closed:
            await self._await_the_end(receive)
        except lost() as error:
            log.debug("a client was lost: %s", error)
        finally:
            self._may_send = False
            await self._clean_up()

    async def _handshake(self) -> None:
        if not self.runtime.connections.takes_newcomers:
            await self._refuse_handshake(503)
        try:
            claim = identity.read_claim(self.scope)
        except ForeignOrigin:
            await self._refuse_handshake(403)
        await admission.wait_if_over(claim, self.address)
        # Before anything is looked up: a proxy gives up a process that is silent, and a browser can read a refusal.
        await self._accept()
        try:
            if claim != Claim():
                admission.count(claims(), self.address)
                self.identity = await self.runtime.identities.ask(claim)
            await admission.take_place(self.runtime.leases, self._leases, self.identity.player_id, self.address)
            self.channel_layer = self.runtime.broadcast.layer
            self.channel_name = await self.channel_layer.new_channel()
            self.grant(self.allowance())
            self.runtime.connections.add(self)
            if not self.runtime.connections.takes_newcomers:  # it has begun meanwhile, and didn't see us
                await self.restart()
                raise Closed
            await self.connect()
        except GameError as error:
            await self._refuse(error)

    async def _accept(self) -> None:
        await self.accept(subprotocol=identity.chosen_subprotocol(self.scope))
        self._may_send = True

    async def _serve(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.receive":
                if not self._may_command:
                    continue  # sent by somebody who is signed out by now, or after our goodbye
                self._received_at = message.get(RECEIVED_AT)
                await self._take_frame(message.get("text"), len(message.get("bytes") or b""))
            elif message["type"] == "websocket.disconnect":
                self._close_code = message.get("code") or ABNORMAL
                return

    @property
    def waited_s(self) -> float:
        """For how many seconds the frame that is being dealt with had to wait for those before it, as far as known."""
        return 0.0 if self._received_at is None else self._loop.time() - self._received_at

    async def _listen(self) -> None:
        """Forward what the layer brings, until the connection ends."""
        receive, channel = self.channel_layer.receive, self.channel_name
        self._attach(channel)
        try:
            while True:
                message = await receive(channel)
                await getattr(self, message["type"].replace(".", "_"))(message)
        except lost() as error:
            log.debug("a client was lost: %s", error)
        except Exception as error:
            # A layer raises what its library raises. A connection that hears no events must not stay open.
            log.log(
                logging.DEBUG if isinstance(error, GameError) else logging.ERROR, "a connection is ended: %r", error
            )
            with contextlib.suppress(Closed, OSError):
                await self._refuse(GameError(ErrorCode.TRY_AGAIN))

    def _attach(self, channel: str) -> None:
        """Where both server and layer can, let events through without waking a task for each."""
        if self._send_frame is not None:
            self.channel_layer.attach(channel, self.take_at_once)

    def take_at_once(self, message: Message) -> bool:
        """Handle a layer message without waiting; False where that can't be done, and its handler is called."""
        return False

    async def _await_the_end(self, receive: Receive) -> None:
        """After a close of ours: the client's answer to it, so that the server may end in order."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                while (await receive())["type"] != "websocket.disconnect":
                    pass

    async def _clean_up(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        self.runtime.connections.remove(self)
        self.runtime.leases.give_back(self._leases)
        try:
            await self.disconnect(self._close_code)
        finally:
            if self.channel_name:
                self.channel_layer.forget_channel(self.channel_name)

    channel_layer: ProcessLayer
    channel_name = ""

    # --- frames -------------------------------------------------------------------------------------------------

    async def _take_frame(self, text: str | None, size: int) -> None:
        if size > protocol.MAX_MESSAGE_BYTES or self._is_too_big(text):
            await self.end(CloseCode.MESSAGE_TOO_BIG)
        ruling = self._allowance.rule(self._loop.time())
        if ruling is not Ruling.TAKE:
            await self._limit(ruling, text)
            return
        command_id: CommandId | UnsetType | None = None
        try:
            command = self._read(text)
            self._invalid_in_a_row = 0
            command_id = command.id
            await self.receive_json(command)
        except InvalidMessage as error:
            figures.refused["socket", error.code] += 1
            named = command_id if error.command_id is None else error.command_id
            await self.send_text(protocol.error_text(error, named))
            self._invalid_in_a_row += 1
            if self._invalid_in_a_row >= protocol.MAX_INVALID_IN_A_ROW:
                note_flood(self.address, self.identity.player_id)
                await self.end(CloseCode.INVALID_MESSAGES)
        except GameError as error:
            await self._refuse_command(error, command_id)

    def _read(self, text: str | None) -> C:
        if text is None:
            raise InvalidMessage("Messages are text, not binary.")
        return type(self).parse(text)

    def _is_too_big(self, text: str | None) -> bool:
        # A character is at most 4 bytes: most messages are too short to be worth counting.
        limit = protocol.MAX_MESSAGE_BYTES
        return text is not None and len(text) * 4 > limit and len(text.encode("utf-8", "surrogatepass")) > limit

    async def _limit(self, ruling: Ruling, text: str | None) -> None:
        figures.refused["socket", ErrorCode.RATE_LIMITED] += 1
        if self._may_tell_of_limit():
            command_id = None if text is None else protocol.id_of(text)
            await self.send_text(protocol.error_text(GameError(ErrorCode.RATE_LIMITED), command_id))
        if ruling is Ruling.CLOSE:
            note_flood(self.address, self.identity.player_id)
            await self.end(CloseCode.RATE_LIMITED)

    # --- goodbyes -----------------------------------------------------------------------------------------------

    async def end_session(self) -> None:
        """The person has signed out elsewhere: say so and close."""
        self._may_command = False
        with contextlib.suppress(Closed, OSError):
            await self._refuse(GameError(ErrorCode.UNAUTHENTICATED, "You are signed out."))

    async def restart(self) -> None:
        """The server drains: say so and close."""
        self._may_command = False
        with contextlib.suppress(Closed, OSError):
            await self.send_text(protocol.encode(protocol.ServerRestarting()))
            await self.end(CloseCode.RESTARTING)


class Refuse(AsyncConsumer):  # type: ignore[misc]  # Channels comes without types
    """Answers a path where there is no socket, quietly: HTTP 403."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Callable[..., Awaitable[None]]) -> None:
        """Refuse the handshake."""
        await receive()
        await send({"type": "websocket.close"})
