"""The bound: a game server on the `websockets` library, in memory, as that library's tutorial writes one.

It speaks Fourline's messages, so the same client plays on both, and does the same work on the rules; it stores
nothing, signs nobody in and answers a mistake with an error. Who comes first to a game is participant 1, who comes
second participant 2, everyone after that watches. Follows the tutorial of the library, parts 1 to 3
(https://websockets.readthedocs.io/en/stable/intro/tutorial1.html): a dictionary of games, a set of connections for
each, one loop over a connection's messages, and `broadcast`.
"""

import argparse
import asyncio
import json
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.typing import Subprotocol

from games.rules.board import IllegalDrop, Position


@dataclass
class Game:
    """A game in memory and who is connected to it."""

    id: str
    position: Position = field(default_factory=Position.start)
    columns: list[int] = field(default_factory=list)
    connected: set[ServerConnection] = field(default_factory=set)
    seats: list[ServerConnection | None] = field(default_factory=lambda: [None, None])

    @property
    def turn(self) -> int | None:
        """Whose turn it is, or None at the end."""
        return None if self.position.is_over else self.position.ply_count % 2 + 1

    def outcome(self, column: int) -> dict[str, Any] | None:
        """How the last move, into that column, ended the game, if it did."""
        if not self.position.is_over:
            return None
        line = self.position.winning_line(column)
        winner = 2 - self.position.ply_count % 2 if line else None
        return {"winner": winner, "reason": "four_in_a_row" if line else "board_full", "line": line}

    def play(self, seat: int, column: int, ply: int) -> dict[str, Any]:
        """Play a move; return its event, or raise ValueError with an error code."""
        if seat == 0:
            raise ValueError("not_a_participant")
        if self.turn != seat:
            raise ValueError("not_your_turn" if self.turn else "game_finished")
        if ply != self.position.ply_count + 1:
            raise ValueError("wrong_ply")
        try:
            row = self.position.height(column) if 0 <= column < 7 else -1
            self.position = self.position.play(column)
        except IllegalDrop as error:
            raise ValueError("column_full" if row >= 0 else "no_such_column") from error
        self.columns.append(column)
        return {
            "type": "move_played",
            "version": 1 + ply,
            "ply": ply,
            "column": column,
            "row": row,
            "participant": seat,
            "turn": self.turn,
            "legalColumns": self.position.legal_columns,
            "outcome": self.outcome(column),
            "playedAt": datetime.now(UTC).isoformat(),
        }

    def snapshot(self, seat: int) -> dict[str, Any]:
        """The first message on a connection."""
        state = "finished" if self.position.is_over else "in-progress"
        game = {
            "id": self.id,
            "state": state,
            "version": 1 + len(self.columns),
            "moves": self.columns,
            "turn": self.turn,
            "legalColumns": self.position.legal_columns,
        }
        return {"type": "snapshot", "game": game, "you": seat or None, "serverTime": datetime.now(UTC).isoformat()}


GAMES: dict[str, Game] = {}


async def play(websocket: ServerConnection, game: Game, seat: int) -> None:
    """Receive and process a connection's messages until it closes."""
    async for message in websocket:
        command = json.loads(message)
        if command["type"] == "ping":
            await websocket.send(json.dumps({"type": "pong", "version": 1 + len(game.columns)}))
            continue
        try:
            event = game.play(seat, command["column"], command["ply"])
        except ValueError as error:
            await websocket.send(json.dumps({"type": "error", "code": str(error), "message": str(error)}))
            continue
        broadcast(game.connected, json.dumps(event))


async def handler(websocket: ServerConnection) -> None:
    """Give a connection its place in the game that its path names, and let it play or watch."""
    assert websocket.request is not None  # the library sets it before it calls a handler
    game_id = websocket.request.path.strip("/").rsplit("/", 1)[-1]
    game = GAMES.setdefault(game_id, Game(game_id))
    seat = game.seats.index(None) + 1 if None in game.seats else 0
    if seat:
        game.seats[seat - 1] = websocket
    game.connected.add(websocket)
    try:
        await websocket.send(json.dumps(game.snapshot(seat)))
        await play(websocket, game, seat)
    finally:
        game.connected.remove(websocket)
        if seat:
            game.seats[seat - 1] = None
        if not game.connected:
            GAMES.pop(game_id, None)


async def main(port: int) -> None:
    """Serve on a port of the loopback until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(handler, "127.0.0.1", port, subprotocols=[Subprotocol("fourline.v1")]):
        print(f"listening on 127.0.0.1:{port}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    arguments = parser.parse_args()
    if arguments.loop == "uvloop":
        import uvloop

        uvloop.run(main(arguments.port))
    else:
        asyncio.run(main(arguments.port))
