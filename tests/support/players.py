"""People who play many games at once, whatever happens to the server, and keep account of what they were told.

Each move is sent again until it is acknowledged, always the same one. A player comes back after every break, follows
the versions as the contract says, and notes every acknowledgement, so that a test can hold it against the store.
"""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import websockets

from games.rules.board import Position

WITHIN = 120.0
"""Seconds in which all games must be over."""


@dataclass
class Tally:
    """What all players of a test were told."""

    acknowledged: dict[tuple[str, int], int] = field(default_factory=dict)
    """Column by (game, ply)."""
    resent: int = 0
    answered_from_store: int = 0
    """Moves that were sent again after a break and turned out to be stored: their acknowledgement had been lost."""
    errors: Counter[str] = field(default_factory=Counter)
    """By code; ``try_again`` among them."""
    closes: Counter[int | None] = field(default_factory=Counter)
    """By close code; None for a break without one."""
    restarts_announced: int = 0
    gaps: int = 0
    """Events that came too early, because one before them was lost."""
    catch_ups: int = 0
    """Snapshots with a higher version than the client had: something had been missed."""
    boards: dict[str, set[str]] = field(default_factory=dict)
    """The last notation that each client of a game saw."""

    async def reaches(self, moves: int) -> None:
        """Wait until so many moves are acknowledged."""
        while len(self.acknowledged) < moves:
            await asyncio.sleep(0.005)


class Seat:
    """One client of one game: a participant plays, anybody else watches; both until the game is over.

    Args:
        address: of the game's socket.
        headers: of the handshake: cookie and Origin.
        tally: to write into.
        patience: seconds without a word after which the client pings, and sends again what isn't acknowledged.
        thinking: seconds that a player thinks at most.
    """

    def __init__(
        self, address: str, headers: dict[str, str], tally: Tally, patience: float = 2.0, thinking: float = 0.0
    ) -> None:
        self._address = address
        self._headers = headers
        self._tally = tally
        self._patience = patience
        self._thinking = thinking
        self._game_id = ""
        self._you: int | None = None
        self._version = -1
        self._moves: list[int] = []
        self._turn: int | None = None
        self._is_over = False
        self._pending: tuple[int, int] | None = None

    async def play(self) -> None:
        """Play, or watch, to the end of the game."""
        while not self._is_over:
            try:
                async with websockets.connect(
                    self._address, additional_headers=self._headers, compression=None, open_timeout=30, close_timeout=1
                ) as connection:
                    try:
                        await self._attend(connection)
                    except websockets.ConnectionClosed:
                        await self._read_the_rest(connection)
            except websockets.ConnectionClosed as closed:
                self._tally.closes[closed.rcvd.code if closed.rcvd else None] += 1
            except (OSError, websockets.InvalidHandshake, TimeoutError):
                pass  # it is down, or about to be: the next attempt tells
            if not self._is_over:
                await asyncio.sleep(random.uniform(0.05, 0.3))
        self._tally.boards.setdefault(self._game_id, set()).add("".join(str(column + 1) for column in self._moves))

    async def _attend(self, connection: Any) -> None:
        is_first, resent = True, False
        while not self._is_over:
            try:
                async with asyncio.timeout(self._patience):
                    message = json.loads(await connection.recv())
            except TimeoutError:
                await self._say(connection, "ping", version=self._version)
                await self._send_pending(connection, again=True)
                continue
            await self._take_in(connection, message, is_first)
            if message["type"] == "snapshot":
                if self._pending is not None and is_first:
                    resent = True
                    await self._send_pending(connection, again=True)
                is_first = False
            if resent and message.get("id") == "again":
                resent = False
                self._tally.answered_from_store += message["type"] == "move_played"
            await self._move(connection)

    async def _read_the_rest(self, connection: Any) -> None:
        """What had come before the close that a send stumbled over, up to that close."""
        while True:
            self._tally.restarts_announced += json.loads(await connection.recv())["type"] == "server_restarting"

    async def _take_in(self, connection: Any, message: dict[str, Any], is_first: bool) -> None:
        match message["type"]:
            case "snapshot":
                self._restore(message, is_first)
            case "move_played":
                await self._follow(connection, message)
            case "game_finished":
                self._is_over = True
            case "server_restarting":
                self._tally.restarts_announced += 1
            case "error":
                self._tally.errors[message["code"]] += 1
                assert message["code"] == "try_again", f"{self._game_id}, {self._pending}: {message}"
                await asyncio.sleep(random.uniform(0.1, 0.4))
                await self._send_pending(connection, again=True)

    def _restore(self, message: dict[str, Any], is_first: bool) -> None:
        game = message["game"]
        if game["version"] < self._version:
            # What was announced is stored, so no confirmed snapshot may lie before it.
            assert not is_first, f"{game['id']} fell back from {self._version} to {game['version']}"
            return
        self._tally.catch_ups += 0 <= self._version < game["version"]
        assert game["moves"][: len(self._moves)] == self._moves, f"{game['id']}: history was rewritten"
        self._game_id, self._you, self._version = game["id"], message["you"], game["version"]
        self._moves, self._turn = game["moves"], game["turn"]
        # A game that is over while our last move is unacknowledged is not over for us yet.
        self._is_over = game["state"] == "finished" and self._pending is None

    async def _follow(self, connection: Any, move: dict[str, Any]) -> None:
        if self._pending == (move["ply"], move["column"]) and move["participant"] == self._you:
            self._tally.acknowledged[self._game_id, move["ply"]] = move["column"]
            self._pending = None
            self._is_over = self._version >= move["version"] and self._turn is None
        if move["version"] == self._version + 1:
            self._version, self._turn = move["version"], move["turn"]
            self._moves.append(move["column"])
            assert move["ply"] == len(self._moves)
            self._is_over = move["outcome"] is not None and self._pending is None
        elif move["version"] > self._version:
            self._tally.gaps += 1
            await self._say(connection, "sync")

    async def _move(self, connection: Any) -> None:
        if self._pending is not None or self._turn is None or self._turn != self._you:
            return
        if self._thinking:
            await asyncio.sleep(random.uniform(0, self._thinking))
        position = Position.from_columns(self._moves)
        legal = position.legal_columns
        # Long games: nobody wins who needn't.
        column = random.choice([column for column in legal if not position.play(column).is_won] or legal)
        self._pending = (len(self._moves) + 1, column)
        await self._send_pending(connection, again=False)

    async def _send_pending(self, connection: Any, again: bool) -> None:
        if self._pending is None:
            return
        ply, column = self._pending
        self._tally.resent += again
        await self._say(connection, "play_move", ply=ply, column=column, id="again" if again else ply)

    @staticmethod
    async def _say(connection: Any, type: str, **fields: Any) -> None:
        await connection.send(json.dumps({"type": type, **fields}))
