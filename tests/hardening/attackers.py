"""Attackers in a process of their own, so that they take no time from whoever measures.

Run as ``python -m tests.hardening.attackers KIND COUNT SECONDS URL``; prints what became of them as JSON.
"""

import asyncio
import base64
import contextlib
import json
import os
import struct
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit

BYTES_A_SECOND = 1_500_000
"""How much each of them sends."""
CHUNK = 15_000
ADDRESS = "127.0.0.2"
"""Where they come from: not where everybody else does."""

MASK = b"\0\0\0\0"
PONG = b"\x8a\x80" + MASK
PING = b"\x89\xfd" + MASK + b"x" * 125
OPENING = b"\x01\x80" + MASK
CONTINUATION = b"\x00\x80" + MASK
TEXT = b"\x81\x82" + MASK + b"{}"


def frames(kind: str) -> bytes:
    """What one of them sends again and again."""
    frame = {"pongs": PONG, "pings": PING, "continuations": CONTINUATION, "texts": TEXT}.get(kind, b"")
    return frame * (CHUNK // len(frame)) if frame else b""


def handshake(url: str) -> bytes:
    """A request for a socket."""
    parts, key = urlsplit(url), base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nOrigin: http://{parts.netloc}\r\n\r\n"
    ).encode()


def close_code(received: bytes) -> int | None:
    """The code of the close frame with which a server's frames end; None where there is none."""
    while len(received) >= 2:
        opcode, length, head = received[0] & 15, received[1], 2
        if length == 126 and len(received) >= 4:
            (length,), head = struct.unpack_from("!H", received, 2), 4
        if opcode == 8:
            return int.from_bytes(received[2:4], "big") if length >= 2 else 1005
        received = received[head + length :]
    return None


async def _attack(kind: str, url: str) -> str:
    """One connection, until it is closed; how it ended."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, local_addr=(ADDRESS, 0))
    try:
        writer.write(handshake(url))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head[:15]:
            return head[9:12].decode()
        if kind == "continuations":
            writer.write(OPENING)
        sending = asyncio.create_task(_send(writer, frames(kind)))
        received = b""
        while chunk := await reader.read(65536):
            received += chunk
            if close_code(received) is not None:
                break
        sending.cancel()
        return str(close_code(received))
    finally:
        writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(len(chunk) / BYTES_A_SECOND)


async def _attack_again_and_again(kind: str, url: str, ends: Counter[str]) -> None:
    while True:
        try:
            ends[await _attack(kind, url)] += 1
        except (OSError, asyncio.IncompleteReadError) as error:
            ends[type(error).__name__] += 1
            await asyncio.sleep(0.01)


async def main(kind: str, count: str, seconds: str, url: str) -> None:
    """Attack, from all connections at once, each coming back as soon as it is cut off."""
    os.nice(15)  # they have machines of their own: the server and whoever measures come first on this one
    ends: Counter[str] = Counter()
    attacks = [asyncio.create_task(_attack_again_and_again(kind, url, ends)) for _ in range(int(count))]
    await asyncio.sleep(float(seconds))
    for attack in attacks:
        attack.cancel()
    await asyncio.gather(*attacks, return_exceptions=True)
    print(json.dumps(ends))


def start(kind: str, count: int, seconds: float, url: str) -> "subprocess.Popen[str]":
    """Let them loose; `json.loads` of what they print is a count of how their connections ended."""
    command = [sys.executable, "-m", "tests.hardening.attackers", kind, str(count), str(seconds), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
