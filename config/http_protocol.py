"""uvicorn's HTTP protocol, with bounds on what one connection may cost everybody else."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from config.intake import Intake
from config.websocket_protocol import BUFFER, WebSocketProtocol


class HttpProtocol(H11Protocol):
    """uvicorn's, reading a little at a time."""

    def may_read(self) -> bool:
        """Whether more may be read now."""
        return not self.flow.read_paused

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection to a `WebSocketProtocol`: the parent's way, with an `Intake` in between."""
        self.connections.discard(self)
        request = [event.method, b" ", event.target, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            request += [name, b": ", value, b"\r\n"]
        protocol = WebSocketProtocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        self.transport.pause_reading()
        protocol.connection_made(self.transport)
        protocol.data_received(b"".join([*request, b"\r\n"]))
        protocol.early = self.conn.trailing_data[0]
        Intake(protocol, BUFFER).take_over(self.transport)


HTTP_BUFFER = bytearray(4096)
"""What comes in by HTTP is parsed in pieces of this size."""


def http_connection(**given: Any) -> asyncio.BufferedProtocol:
    """A new connection, as uvicorn asks for one."""
    return Intake(HttpProtocol(**given), HTTP_BUFFER)
