"""Clients that ask and ask and never read: the server's memory is bounded, and nobody else is held up."""

import asyncio
import json
import os
import socket
import struct
from base64 import b64encode
from pathlib import Path

from games.models import Game
from tests.support.arenas import Arena, arena, count
from tests.support.slowness import slowness

GAMES = count(250)
STALLED = count(20, least=5)
ROUNDS = 20_000
"""Snapshots that each of them would have: 12 MB, asked for by 80 MB."""
MAY_GROW = (16 << 20) + GAMES * (128 << 10)
"""Bytes: what so many players need, and not what is asked for."""


def _masked(text: str) -> bytes:
    """A client's frame; the mask is nothing, which is a mask too."""
    payload = text.encode()
    return struct.pack("!BBH4x", 0x81, 0x80 | 126, len(payload)) + payload


def _memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Staller:
    """A spectator that sends as long as the server takes it, and reads nothing after the handshake."""

    def __init__(self, place: Arena, game: Game) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", place.server.port))
        key = b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws/games/{game.pk}/ HTTP/1.1\r\nHost: 127.0.0.1:{place.server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert self._socket.recv(12).startswith(b"HTTP/1.1 101")
        self._socket.setblocking(False)
        self.sent = 0

    async def ask(self) -> None:
        """Ask for snapshots until the server reads no more, or the whole number is asked for."""
        loop, frame = asyncio.get_running_loop(), _masked(json.dumps({"type": "sync"}).ljust(4000))
        for _ in range(ROUNDS // 10):
            try:
                async with asyncio.timeout(3):
                    await loop.sock_sendall(self._socket, frame * 10)
            except TimeoutError:
                return
            self.sent += 10

    def close(self) -> None:
        """Go without a word."""
        self._socket.close()


def test_memory_is_bounded_and_others_are_unharmed(tmp_path: Path, sqlite_url: str) -> None:
    stallers: list[Staller] = []
    peak = 0

    async def stall() -> None:
        await place.tally.reaches(GAMES)
        for number in range(STALLED):
            stallers.append(Staller(place, place.games[number % GAMES]))
        await asyncio.gather(*(staller.ask() for staller in stallers))

    async def watch() -> None:
        nonlocal peak
        while not all(len(place.tally.boards.get(game.pk, ())) for game in place.games):
            peak = max(peak, _memory(place.server.pid))
            await asyncio.sleep(0.1)

    with arena(tmp_path, sqlite_url, GAMES) as place:
        before = _memory(place.server.pid)
        asyncio.run(place.play(stall(), watch(), thinking=0.05))
        after = _memory(place.server.pid)
        place.check()
        place.remark = f"memory grew by {(max(peak, after) - before) >> 20} MB, of {MAY_GROW >> 20} allowed"
        place.server.stop(10 * slowness())  # it waits for none of them
        for staller in stallers:
            staller.close()
    assert max(peak, after) - before < MAY_GROW
    assert set(place.tally.closes) == set()
    assert not place.tally.errors
    # The fault happened: the server stopped reading from those who didn't read.
    assert all(staller.sent < ROUNDS for staller in stallers)
    assert not place.complaints
