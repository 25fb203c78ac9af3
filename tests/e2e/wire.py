"""The wire between one page and the server, to be cut, held up or bent by a test."""

import json
import re
from typing import Any

from playwright.sync_api import Page, WebSocketRoute


class Wire:
    """Every WebSocket that a page opens, passed on to the real server as long as the wire is whole.

    Make it before the page opens a game.

    Attributes:
        sent: the commands that the page sent, pings left out.
        connections: how many connections the page has opened.
    """

    def __init__(self, page: Page) -> None:
        self.sent: list[dict[str, Any]] = []
        self.connections = 0
        self._is_cut = False
        self._swallowed: set[str] = set()
        self._route: WebSocketRoute | None = None
        self._server: WebSocketRoute | None = None
        # Not the line that every page of somebody signed in has to the lobby.
        page.route_web_socket(re.compile(r"/ws/(games/.*|lobby)/$"), self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        self.connections += 1
        if self._is_cut:
            route.close(code=3000)
            return
        self._route, self._server = route, route.connect_to_server()
        route.on_message(self._from_page)
        self._server.on_message(self._from_server)

    def _from_page(self, text: str | bytes) -> None:
        command = json.loads(text)
        if command["type"] != "ping":
            self.sent.append(command)
        if self._server is not None and command["type"] not in self._swallowed:
            self._server.send(text)

    def _from_server(self, text: str | bytes) -> None:
        if self._route is not None and json.loads(text)["type"] not in self._swallowed:
            self._route.send(text)

    def cut(self) -> None:
        """Break the connection, and every further one until `mend`."""
        self._is_cut = True
        self._close()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def swallow(self, *types: str) -> None:
        """Lose all messages of these types, either way; none given: lose nothing any more."""
        self._swallowed = set(types)

    def say(self, event: dict[str, Any]) -> None:
        """Send the page an event as if the server had."""
        assert self._route is not None
        self._route.send(json.dumps(event))

    def close(self, code: int) -> None:
        """Close the connection with a code, as the server would."""
        self._close(code)

    def _close(self, code: int = 3000) -> None:
        if self._server is not None:
            self._server.close()
        if self._route is not None:
            self._route.close(code=code)
