"""Players who never give up: they connect again, send again, and keep what they were told."""

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.request import urlopen

import websockets

from games.rules.board import Position
from tests.cluster.machines import Cluster, Person

GAMES = 30
THINK = 0.6
"""Seconds at most: some 60 moves a second."""
LATE_PLY = 20
"""From here on a player waits, where a test asks for it, so that games last as long as the faults."""
PING_AFTER = 1.5
"""Seconds of silence after which the page of a player pings (static/js/net/socket.js), which has the next three too."""
PONG_WITHIN = 1.5
MOVE_WITHIN = 4.0
"""Seconds that a move has: at most 1.5 until the next ping, and 2.5 for that one's answer."""
CONNECTED_WITHIN = (2.5, 5.0, 10.0)
BACK_OFF = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0)
"""Seconds, of which the second half is random."""
RESTARTING = 1.0
"""Seconds after a close with 4012, all of them random."""


class LoadPlayer:
    """One seat of one game, played to the end.

    Args:
        game_id: the game.
        person: who plays.
        seat: 1 or 2.
        address: asked before each connection: where to connect, such as ``ws://127.0.0.1:8000``.
        think: seconds before a move, at most.
        may_end: waited for before `LATE_PLY`.
    """

    def __init__(
        self,
        game_id: str,
        person: Person,
        seat: int,
        address: Callable[[], str],
        think: float,
        may_end: asyncio.Event,
    ) -> None:
        self.game_id, self.person, self.seat = game_id, person, seat
        self._address = address
        self._think = think
        self._may_end = may_end
        self._random = random.Random(f"{game_id} {seat}")
        self._game: dict[str, Any] = {}
        self._sent: tuple[int, int] | None = None
        self._failures_in_a_row = 0
        self.acknowledged: dict[int, int] = {}
        """The column of each of one's own plies that `move_played` has told."""
        self.breaks: list[float] = []
        """How long each loss of the connection lasted, until the next snapshot."""
        self.refusals: Counter[str] = Counter()
        self.close_codes: Counter[int] = Counter()
        self.failures: list[str] = []
        """When, on the loop's clock, a connection was lost or refused, and how."""
        self.moved_at: list[float] = []
        """When, on the loop's clock, this player heard of moves."""
        self.untrue: list[str] = []
        """What was told and does not fit what was told before."""

    @property
    def is_over(self) -> bool:
        """Whether the game has ended."""
        return bool(self._game) and self._game["outcome"] is not None

    @property
    def outcome(self) -> dict[str, Any]:
        """How it ended."""
        outcome: dict[str, Any] = self._game["outcome"]
        return outcome

    async def play(self) -> "LoadPlayer":
        """Play until the game is over."""
        loop = asyncio.get_running_loop()
        lost_at: float | None = None
        while not self.is_over:
            try:
                async with self._connect() as connection:
                    await self._take(json.loads(await asyncio.wait_for(connection.recv(), 5)), connection)
                    if lost_at is not None:
                        self.breaks.append(loop.time() - lost_at)
                    lost_at = None
                    self._failures_in_a_row = 0
                    await self._sit(connection)
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                if isinstance(error, websockets.ConnectionClosed) and error.rcvd is not None:
                    self.close_codes[error.rcvd.code] += 1
                self.failures.append(f"{loop.time():.2f} {error!r}")
                lost_at = loop.time() if lost_at is None else lost_at
                await asyncio.sleep(self._pause_after(error))
        return self

    def _pause_after(self, error: Exception) -> float:
        """Seconds until the next attempt."""
        if isinstance(error, websockets.ConnectionClosed) and error.rcvd is not None and error.rcvd.code == 4012:
            return self._random.uniform(0, RESTARTING)
        self._failures_in_a_row += 1
        longest = BACK_OFF[min(self._failures_in_a_row, len(BACK_OFF)) - 1]
        return self._random.uniform(longest / 2, longest)

    def _connect(self) -> Any:
        url = self._address()
        return websockets.connect(
            f"{url}/ws/games/{self.game_id}/",
            additional_headers={"Cookie": f"sessionid={self.person.session}"},
            origin=url.replace("ws://", "http://"),
            compression=None,
            open_timeout=CONNECTED_WITHIN[min(self._failures_in_a_row, 2)],
            # The page doesn't wait for a closing handshake before it connects anew.
            close_timeout=0.01,
            ping_interval=None,
        )

    async def _sit(self, connection: Any) -> None:
        while not self.is_over:
            if self._game["turn"] == self.seat and self._goes_on():
                await self._move(connection)
            try:
                message = json.loads(await asyncio.wait_for(connection.recv(), PING_AFTER))
            except TimeoutError:
                await connection.send(json.dumps({"type": "ping", "version": self._game["version"]}))
                message = json.loads(await asyncio.wait_for(connection.recv(), PONG_WITHIN))
            await self._take(message, connection)

    def _goes_on(self) -> bool:
        return self._may_end.is_set() or len(self._game["moves"]) < LATE_PLY

    async def _move(self, connection: Any) -> None:
        """Think of a move, and send it until it is known what became of it."""
        ply = len(self._game["moves"]) + 1
        if self._sent is None or self._sent[0] != ply:
            await asyncio.sleep(self._random.uniform(0, self._think))
            self._sent = ply, self._choose()
        _, column = self._sent
        while self._game["turn"] == self.seat and len(self._game["moves"]) + 1 == ply:
            await connection.send(json.dumps({"type": "play_move", "column": column, "ply": ply}))
            end = asyncio.get_running_loop().time() + MOVE_WITHIN
            while self._game["turn"] == self.seat and len(self._game["moves"]) + 1 == ply:
                wait = end - asyncio.get_running_loop().time()
                if wait <= 0:
                    break
                message = json.loads(await asyncio.wait_for(connection.recv(), wait))
                await self._take(message, connection)
                if message["type"] == "error":
                    await asyncio.sleep(0.3)
                    break

    def _choose(self) -> int:
        """A column that doesn't win if there is one: the game should last."""
        position = Position.from_columns(self._game["moves"])
        quiet = [column for column in self._game["legalColumns"] if not position.play(column).is_won]
        column: int = self._random.choice(quiet or self._game["legalColumns"])
        return column

    async def _take(self, message: dict[str, Any], connection: Any) -> None:
        match message["type"]:
            case "snapshot":
                self._replace(message["game"])
            case "move_played" if message["version"] == self._game["version"] + 1:
                self._apply(message)
            case "move_played" | "game_finished" if message["version"] > self._game["version"]:
                await connection.send('{"type": "sync"}')
            case "error":
                self.refusals[message["code"]] += 1
        if message["type"] == "move_played" and message["participant"] == self.seat:
            self.acknowledged[message["ply"]] = message["column"]

    def _replace(self, game: dict[str, Any]) -> None:
        known = self._game.get("moves", [])
        if game["moves"][: len(known)] != known and known[: len(game["moves"])] != game["moves"]:
            self.untrue.append(f"snapshot {game['moves']} after {known}")
        if len(game["moves"]) > len(known):
            self._note_move()
        if game["version"] >= self._game.get("version", 0):
            self._game = game

    def _apply(self, move: dict[str, Any]) -> None:
        self._game["moves"] = [*self._game["moves"], move["column"]]
        self._game |= {key: move[key] for key in ("version", "turn", "legalColumns", "outcome")}
        self._note_move()
        if move["ply"] != len(self._game["moves"]):
            self.untrue.append(f"ply {move['ply']} after {len(self._game['moves']) - 1}")

    def _note_move(self) -> None:
        self.moved_at.append(asyncio.get_running_loop().time())

    def longest_pause(self, start: float, end: float) -> float:
        """The longest time without a move that this player heard of.

        Args:
            start, end: on the loop's clock; of a pause that began before them the whole counts.

        Returns:
            Seconds; the time to think is in it.
        """
        moved_at = self.moved_at if self.is_over else [*self.moved_at, end]
        pauses = itertools.pairwise(moved_at)
        return max((after - before for before, after in pauses if after > start), default=0.0)


@asynccontextmanager
async def playing(machines: Cluster) -> AsyncIterator[list[LoadPlayer]]:
    """People who play fresh games through nginx, all of them connected."""
    tables = await asyncio.to_thread(machines.seat, GAMES)
    # A page that is answered shows nginx that a process that it left alone is back. People load pages all the time.
    for _ in range(8):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(urlopen, f"{machines.url}/")
    may_end = asyncio.Event()
    may_end.set()
    players = [
        LoadPlayer(table.game_id, person, seat, lambda: machines.ws_url, THINK, may_end)
        for table in tables
        for seat, person in enumerate(table.people, 1)
    ]
    playing = [asyncio.ensure_future(player.play()) for player in players]
    try:
        async with asyncio.timeout(60):
            while not all(player.moved_at for player in players):
                await asyncio.sleep(0.05)
        yield players
    finally:
        # Again and again: what waits with a time-out may take a cancellation for the end of its time.
        while left := [task for task in playing if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.5)
