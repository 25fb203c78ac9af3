"""`GameConsumer`: one connection to one game. It receives, forwards and sends; it decides nothing."""

import time
from typing import Any

from django.conf import settings

from games import protocol
from games.chat.conversation import Conversation
from games.game.live import LiveGame
from games.honesty import leaving
from games.layers.broadcast import group_of
from games.layers.messages import ChatChanged, ChatSaid, GameEvent, LayerMissed, Message
from games.metrics import SAMPLED, figures
from games.presence import arrivals
from games.protocol import ErrorCode, GameError, LeavePage, OfferRematch, Ping, Say, State, Sync, encode, timestamp
from games.registry import viewing
from games.registry.live_entry import LiveEntry, knows
from games.rules.ids import normalise
from games.rules.time_controls import Countdown
from games.sockets.base import Socket
from games.sockets.forwarding import Step, step_after
from games.sockets.lag import MEASURE_LAG, Lag, MeasureLag


class GameConsumer(Socket[protocol.GameCommand]):
    """Whoever holds a seat plays, everyone else watches."""

    parse = staticmethod(protocol.parse_game_command)

    _entry: LiveEntry
    """Of the game, once connected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_subscribed = False
        self._seat: int | None = None
        self._is_present = False
        self._lag: Lag | None = None
        self._version = -1
        self._conversation: Conversation | None = None

    def allowance(self) -> tuple[int, float]:
        """A player may say more than a spectator; who is which shows when the game is loaded."""
        return settings.SPECTATOR_MESSAGES

    async def connect(self) -> None:
        """Subscribe, load, send the snapshot; only then is anything forwarded."""
        game_id = normalise(self.scope["url_route"]["kwargs"]["game_id"])
        if game_id is None:
            raise GameError(ErrorCode.GAME_NOT_FOUND)
        self._group = group_of(game_id)
        self._entry = self.registry.live_games.subscribe(game_id)
        self._is_subscribed = True
        await self.channel_layer.group_add(self._group, self.channel_name)
        self.registry.live_games.listening(self._entry)
        game = await self._look_up(self._entry)
        self._seat = game.seat_of(self.identity.player_id)
        if self._seat is not None:
            self.grant(settings.PLAYER_MESSAGES)
            self._measure_lag(game)
        self._version = game.version
        snapshot = game.snapshot(self.identity.player_id, self.registry.now())
        self.runtime.attendance.join(game_id, self._seat)
        self._is_present = True
        if self._seat is not None:
            arrivals.tell(self.identity.player_id, game_id)
        await self.send_together([encode(snapshot), encode(self.runtime.attendance.of(game_id))])
        self._conversation = self.runtime.chats.join(self, self.channel_name, game_id, self.identity.player_id)
        self._follow_chat(game)

    async def _look_up(self, entry: LiveEntry) -> LiveGame:
        """The game, for whoever may see it; unknown IDs are counted."""
        admitted = await viewing.view(self.registry, entry.game_id, self.identity.player_id, self.address)
        return entry.game or admitted  # it may have moved on meanwhile

    async def disconnect(self, code: int) -> None:
        """Leave the game and its group."""
        if not self._is_subscribed:
            return
        if self._is_present:
            self.runtime.attendance.leave(self._entry.game_id, self._seat)
        self.registry.live_games.unsubscribe(self._entry)
        try:
            await self.channel_layer.group_discard(self._group, self.channel_name)
        finally:
            if self._conversation is not None:
                await self.runtime.chats.leave(self._conversation)

    # --- what the client says -----------------------------------------------------------------------------------

    async def receive_json(self, command: protocol.GameCommand) -> None:
        """Hand a command to the registry; answer what concerns this connection alone."""
        entry = self._entry
        if isinstance(command, Ping):
            await self._pong(entry, command)
        elif isinstance(command, Say):
            if self._conversation is not None:
                self._conversation.say(command)
        elif isinstance(command, Sync):
            figures.resyncs["asked"] += 1
            await self._send_snapshot(await self.registry.view(entry.game_id), command)
        elif isinstance(command, LeavePage):
            game = entry.game or await self.registry.view(entry.game_id)
            leaving.note(self.runtime.writes, game, self.identity.player_id)
        elif isinstance(command, OfferRematch):
            _, answer = await self.runtime.creation.rematch(entry.game_id, self.identity.player_id, command)
            if answer is not None:
                await self.send_text(protocol.answering(answer, command))
        else:
            lag_ms = None if self._lag is None else self._lag.read()
            _, answer = await self.registry.run(entry.game_id, self.identity.player_id, command, lag_ms, self.waited_s)
            if answer is not None:
                await self.send_text(protocol.answering(answer, command))

    def _measure_lag(self, game: LiveGame | None) -> None:
        """Have the server measure the line of whoever plays on time, if it can."""
        measure: MeasureLag | None = (self.scope.get("extensions") or {}).get(MEASURE_LAG)
        if (
            measure is not None
            and game is not None
            and not game.is_finished
            and isinstance(game.time_control, Countdown)
        ):
            self._lag = measure()

    async def _pong(self, entry: LiveEntry, ping: Ping) -> None:
        game = entry.game or await self.registry.view(entry.game_id)
        pong = protocol.Pong(version=game.version, server_time=timestamp(self.registry.now()))
        if game.state is State.FINISHED:
            pong = protocol.Pong(version=pong.version, server_time=pong.server_time, rematch=game.rematch)
        await self.send_text(protocol.answering(pong, ping))
        if isinstance(ping.version, int) and ping.version < game.version:
            figures.resyncs["behind"] += 1
            await self._send_snapshot(game, None)

    async def _send_snapshot(self, game: LiveGame, command: Sync | None) -> None:
        self._version = game.version
        if self._is_present:
            self._take_seat(self._entry)
        snapshot = game.snapshot(self.identity.player_id, self.registry.now())
        await self.send_text(encode(snapshot) if command is None else protocol.answering(snapshot, command))

    # --- what the layer brings ----------------------------------------------------------------------------------

    def take_at_once(self, message: Message) -> bool:
        """Forward the next event of a game that is up to date, as nearly all are; leave all else to the handlers."""
        if message["type"] != "game.event":
            return message["type"] == "chat.said" and self._forward_line(message)
        version = message["version"]
        step = step_after(self._version, version, knows(self._entry, message))
        if step is Step.SKIP:
            return True
        # The start of the game is the handler's: it may give this connection a seat.
        if step is not Step.FORWARD or version == 1 or not self.send_at_once(message):
            return False
        self._note_forwarded(version, message)
        return True

    def _note_forwarded(self, version: int | None, message: GameEvent) -> None:
        game = self._entry.game
        if self._seat is not None and game is not None and game.is_finished:
            self._follow_chat(game)
        if version is None:
            if "renews" in message:
                self.registry.live_games.renew(self._entry)
            return
        self._version = version
        if not version % SAMPLED and "at" in message:
            figures.receipt_seconds.observe(time.time() - message["at"])

    async def game_event(self, message: GameEvent) -> None:
        """Forward an event, unless the snapshot already told it."""
        version = message["version"]
        step = step_after(self._version, version, knows(self._entry, message))
        if step is Step.HEAR:
            await self.registry.live_games.hear(self._entry, message)
            step = step_after(self._version, version, is_known=True)
        if step is Step.RESYNC:
            await self.layer_missed(message)
        elif step is Step.FORWARD:
            self._note_forwarded(version, message)
            if version == 1:
                self._take_seat(self._entry)
            await self.send_text(message["text"])

    # --- chat ---------------------------------------------------------------------------------------------------

    def _follow_chat(self, game: LiveGame) -> None:
        """One may read other rooms once one has a seat, once the game is over, and while a rematch goes on."""
        if self._conversation is not None:
            self._conversation.follow((self._seat, game.is_finished, game.rematch_id))

    def _forward_line(self, message: ChatSaid) -> bool:
        """Forward a line at once; where the client doesn't read, it gets the whole room when it does."""
        conversation = self._conversation
        if conversation is not None and conversation.takes(message) and not self.send_at_once(message):
            conversation.renew()
        return True

    async def chat_said(self, message: ChatSaid) -> None:
        """Forward a line to who may read it."""
        if self._conversation is not None and self._conversation.takes(message):
            await self.send_text(message["text"])

    async def chat_changed(self, message: ChatChanged) -> None:
        """Lines were deleted: tell what is left."""
        if self._conversation is not None:
            self._conversation.renew()

    async def layer_missed(self, message: LayerMissed | GameEvent) -> None:
        """Events were lost on their way, or too many waited for this client: it gets the whole state instead.

        Where the store doesn't answer, it gets what this process knows: the next ping tells more.
        """
        figures.resyncs["missed"] += 1
        if self._conversation is not None:
            self._conversation.renew()
        try:
            game = await self.registry.view(self._entry.game_id)
        except GameError:
            if self._entry.game is None:
                raise
            game = self._entry.game
        await self._send_snapshot(game, None)

    def _take_seat(self, entry: LiveEntry) -> None:
        """This connection's person may have just become participant 2."""
        seat = None if entry.game is None else entry.game.seat_of(self.identity.player_id)
        if self._seat is None and seat is not None:
            self._seat = seat
            self.grant(settings.PLAYER_MESSAGES)
            self._measure_lag(entry.game)
            self.runtime.attendance.take_seat(entry.game_id, seat)
        if entry.game is not None:
            self._follow_chat(entry.game)
