"""A client of the public protocol for tests: asserts in the words of the game."""

import asyncio
import itertools
import json
from types import TracebackType
from typing import Any

import websockets
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

WITHIN = 60.0
"""Seconds that a test waits for a message before it fails: none of a busy machine takes so long."""


def sign_in(user: Any) -> str:
    """A session of this user in the database; its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key


class Client:
    """One WebSocket connection.

    Args:
        url: the server, such as ``ws://127.0.0.1:8000``.
        path: the socket's.
        session_key: of a signed-in person; None for nobody.
        options: for `websockets.connect`.
    """

    def __init__(self, url: str, path: str, session_key: str | None = None, **options: Any) -> None:
        self._address = url + path
        headers = {"Cookie": f"sessionid={session_key}"} if session_key else {}
        headers |= options.pop("additional_headers", {})
        origin = options.pop("origin", url.replace("ws://", "http://"))
        patience = {"open_timeout": WITHIN, "ping_timeout": WITHIN}
        self._options = {"additional_headers": headers, "origin": origin, "compression": None, **patience, **options}
        self._ids = itertools.count(1)

    async def __aenter__(self) -> "Client":
        self.connection = await websockets.connect(self._address, **self._options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()

    async def say(self, type: str, **fields: Any) -> None:
        """Send a command."""
        await self.connection.send(json.dumps({"type": type, **fields}))

    async def say_raw(self, frame: str | bytes) -> None:
        """Send a frame as it stands."""
        await self.connection.send(frame)

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next message of one of these types; others before it are passed over.

        Where none is named, it is the next that says what happened: a lobby's counts come when they come.
        """
        async with asyncio.timeout(WITHIN):
            while True:
                message: dict[str, Any] = json.loads(await self.connection.recv())
                if message["type"] in types or (not types and message["type"] != "counts"):
                    return message

    async def play(self, column: int, ply: int) -> dict[str, Any]:
        """Play a move and wait for its ply to be announced, or for the refusal."""
        await self.say("play_move", column=column, ply=ply, id=f"ply {ply}")
        while True:
            message = await self.hear("move_played", "error")
            if message["type"] == "error" or message["ply"] == ply:
                return message

    async def refused(self, type: str, **fields: Any) -> str:
        """The code by which a command is refused."""
        command_id = f"refused {next(self._ids)}"
        await self.say(type, id=command_id, **fields)
        while True:
            message = await self.hear("error")
            if message.get("id") == command_id:
                code: str = message["code"]
                return code

    async def closed(self) -> int:
        """The code with which the server closes the connection."""
        async with asyncio.timeout(WITHIN):
            try:
                while True:
                    await self.connection.recv()
            except websockets.ConnectionClosed as error:
                return error.rcvd.code if error.rcvd is not None else 1006
