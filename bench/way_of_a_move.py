"""Prints the way of a move: which functions of ours it goes through, in order, from a trace of a real server.

    .venv/bin/python -m bench.way_of_a_move            # a table; --write puts it into docs/architecture.md
    .venv/bin/python -m bench.way_of_a_move --list     # one function a line

A server (uvicorn, SQLite in a temporary folder) and two players run in this process. Python calls a hook at each call
of a function; what counts is between the sending of a move and its receipt by both players, on every thread. Two kinds
are left out: what not every one of the moves called belongs to something else, such as a timer; and a coroutine that
goes on only to wait for the next one within it does nothing for the move.
"""

import argparse
import asyncio
import inspect
import json
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = tuple(f"{ROOT / name}{os.sep}" for name in ("games", "lobby", "config"))
COLUMNS = [3, 3, 2, 2, 4, 5, 6, 6, 0, 1]
"""Moves of a game that nobody wins yet. The first two are played to warm up."""
WARM_UP = 2
BEGIN, END = "<!-- way: begin -->", "<!-- way: end -->"

FIRST_STEPS = 8
"""Bytes of a coroutine's code before its own: beyond them it was called before, and goes on now."""

Function = tuple[str, str]
"""Module and qualified name."""


class Trace:
    """The functions of ours that are called while it records, on all threads that start after it."""

    def __init__(self) -> None:
        self.is_recording = False
        self._calls: list[Function] = []
        self._waiting: FrameType | None = None
        """A coroutine that has just gone on; what it awaits may be the next to go on."""
        threading.setprofile(self._hook)
        sys.setprofile(self._hook)

    def take(self) -> list[Function]:
        """What was called since the last time, each function once, in the order of their first calls."""
        calls, self._calls = self._calls, []
        return list(dict.fromkeys(calls))

    def _hook(self, frame: FrameType, event: str, _: Any) -> None:
        if not self.is_recording or event != "call":
            return
        code = frame.f_code
        if not code.co_filename.startswith(OURS) or code.co_name.startswith("<"):
            return
        goes_on = bool(code.co_flags & inspect.CO_COROUTINE) and frame.f_lasti > FIRST_STEPS
        if goes_on and self._waiting is not None and _is_within(frame, self._waiting):
            self._calls.pop()
        self._waiting = frame if goes_on else None
        module = ".".join(Path(code.co_filename).relative_to(ROOT).with_suffix("").parts)
        self._calls.append((module, code.co_qualname.replace(".<locals>", "")))


def _is_within(frame: FrameType, outer: FrameType) -> bool:
    above = frame.f_back
    while above is not None and above is not outer:
        above = above.f_back
    return above is outer


def trace_moves(folder: Path) -> list[Function]:
    """Play in a server of our own; the functions that every move called, in order.

    Args:
        folder: for its database.
    """
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true", "FOURLINE_DATA": str(folder), "REDIS_URL": "",
        "DATABASE_URL": f"sqlite:///{folder / 'trace.sqlite3'}", "DRAIN_SECONDS": "0",
    }  # fmt: skip
    trace = Trace()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    people = _sign_up()
    moves = asyncio.run(_play(trace, people))
    return [function for function in moves[0] if all(function in move for move in moves)]


def _sign_up() -> list[tuple[Any, str]]:
    """Two people, each with the value of a Cookie header."""
    from django.conf import settings
    from django.test import Client

    from lobby.models import User

    people = []
    for name in ("alice", "bob"):
        user = User.objects.create(username=name, password="!")  # noqa: S106  no password at all
        client = Client()
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
        people.append((user.participant, f"sessionid={client.cookies['sessionid'].value}"))
    return people


async def _play(trace: Trace, people: list[tuple[Any, str]]) -> list[list[Function]]:
    from config import server
    from games.game.commands import Join
    from games.runtime import Runtime

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = server.Server(server.config("127.0.0.1", port, ""), drain_seconds=0)
        running = asyncio.create_task(serving.serve([listener]))
        while not serving.started:
            await asyncio.sleep(0.05)
        here = Runtime.here()
        (alice, _), (bob, _) = people
        game = await here.creation.create(alice)
        await here.registry.run(game.id, bob, Join(bob))
        try:
            return await _moves(trace, f"ws://127.0.0.1:{port}/ws/games/{game.id}/", [cookie for _, cookie in people])
        finally:
            serving.should_exit = True
            await running


async def _moves(trace: Trace, address: str, cookies: list[str]) -> list[list[Function]]:
    import websockets

    origin = address.replace("ws://", "http://").split("/ws/")[0]
    options: dict[str, Any] = {"origin": origin, "compression": None}
    one, two = (websockets.connect(address, additional_headers={"Cookie": cookie}, **options) for cookie in cookies)
    moves = []
    async with one as first, two as second:
        for ply, column in enumerate(COLUMNS, start=1):
            await asyncio.sleep(0.5)  # for what follows a move: the lobby's news
            trace.is_recording = ply > WARM_UP
            mover = first if ply % 2 else second
            await mover.send(json.dumps({"type": "play_move", "column": column, "ply": ply}))
            await asyncio.gather(_hear(first, ply), _hear(second, ply))
            trace.is_recording = False
            if ply > WARM_UP:
                moves.append(trace.take())
    return moves


async def _hear(connection: Any, ply: int) -> None:
    async with asyncio.timeout(10):
        while True:
            message = json.loads(await connection.recv())
            if message["type"] == "error":
                raise RuntimeError(f"ply {ply} was refused: {message}")
            if message["type"] == "move_played" and message["ply"] == ply:
                return


def table(functions: list[Function]) -> str:
    """The way as a table: a row for each stretch within one package.

    Args:
        functions: in order.
    """
    rows: list[tuple[str, list[str]]] = []
    for module, name in functions:
        package, _, last = module.rpartition(".")
        if not rows or rows[-1][0] != package:
            rows.append((package, []))
        rows[-1][1].append(f"`{last}.{name}`")
    lines = [f"| `{package.replace('.', '/')}/` | {', '.join(names)} |" for package, names in rows]
    return "\n".join([summary(functions), "", "| package | functions |", "| --- | --- |", *lines])


def summary(functions: list[Function]) -> str:
    """How many functions, modules and packages."""
    modules = {module for module, _ in functions}
    packages = {module.rpartition(".")[0] for module in modules}
    return f"{len(functions)} functions of {len(modules)} modules in {len(packages)} packages."


def write(text: str) -> None:
    """Put it into docs/architecture.md, between its marks."""
    page = ROOT / "docs" / "architecture.md"
    before, rest = page.read_text().split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


def main() -> None:
    """Trace and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="one function a line")
    parser.add_argument("--write", action="store_true", help="put the table into docs/architecture.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        functions = trace_moves(Path(folder))
    print("\n".join([*map(".".join, functions), summary(functions)]) if options.list else table(functions))
    if options.write:
        write(table(functions))


if __name__ == "__main__":
    main()
