"""Lobbies in which people seek, for the tests of this folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.servers import ServerProcess
from tests.support.wire import Client

MINUTE = {"timeControl": {"initial": 60, "increment": 0}, "rated": False}
SHORT = {"timeControl": {"initial": 30, "increment": 1}, "rated": False}


@asynccontextmanager
async def lobby(server: ServerProcess, session: str | None, lists: str = "") -> AsyncIterator[Client]:
    """A lobby that has had its first snapshot."""
    async with Client(server.ws_url, f"/ws/lobby/{lists}", session) as client:
        client.snapshot = await client.hear()  # type: ignore[attr-defined]
        yield client


def first(client: Client) -> dict[str, Any]:
    """Its first snapshot."""
    snapshot: dict[str, Any] = client.snapshot  # type: ignore[attr-defined]
    return snapshot


RATED = {**MINUTE, "rated": True}
