"""A WebSocket whose lag is measured: pinged every few seconds once somebody asks for it, its answers timed."""

from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame

from config.lean_websocket import LeanWebSocket
from games.sockets.lag import MEASURE_LAG, Lag

LAG_INTERVAL = 5.0
"""Seconds between two pings of a client whose lag is in use."""
FIRST_PING_AFTER = 0.25
"""Seconds."""


class MeasuredWebSocket(LeanWebSocket):
    """One connection."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self._lag: Lag | None = None
        """Of a client whose line is measured."""

    def offer_extensions(self, extensions: dict[str, Any]) -> None:
        """Offer to measure the lag, too."""
        super().offer_extensions(extensions)
        extensions[MEASURE_LAG] = self.measure_lag

    def measure_lag(self) -> Lag:
        """Ping this client every few seconds from now on, and measure how long its answers take."""
        if self._lag is None:
            self._lag = Lag()
            if self.handshake_complete and self.ping_timer is not None:
                self.ping_timer.cancel()
                self.start_keepalive()
        return self._lag

    def start_keepalive(self) -> None:
        """Begin to ping; soon, where the first answer is waited for."""
        if self._lag is None:
            super().start_keepalive()
        else:
            self.ping_timer = self.loop.call_later(FIRST_PING_AFTER, self.send_keepalive_ping)

    def schedule_ping(self) -> None:
        """Ping again soon, while the lag is in use; else as rarely as anybody."""
        if self._lag is None or not self._lag.is_in_use:
            super().schedule_ping()
        else:
            self._lag.is_in_use = False
            self.ping_timer = self.loop.call_later(LAG_INTERVAL, self.send_keepalive_ping)

    def is_answer(self, pong: Frame) -> bool:
        """Whether a pong answers the ping of ours that is under way."""
        return self.pending_ping_payload is not None and bytes(pong.data) == self.pending_ping_payload

    def handle_pong(self, event: Frame) -> None:
        """Take note of how long the answer to a ping of ours took."""
        if self._lag is not None and self.is_answer(event):
            self._lag.take(self.loop.time() - self.ping_sent_at)
        super().handle_pong(event)
