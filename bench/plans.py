"""Where the games of a plan come from: made on demand in memory, in a database beforehand, or reserved over HTTP."""

import http.client
import json
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent


class NoGames(RuntimeError):
    """No games could be made."""


class Games(Protocol):
    """A source of games, for one server."""

    def make(self, count: int) -> list[str]:
        """Lines of a plan for so many new games, two a game: seat 1, seat 2."""

    def watch(self, players: list[str], count: int) -> list[str]:
        """Lines of a plan for so many spectators of the game of these two lines."""


class OnDemand:
    """Servers in memory make a game when somebody asks for it.

    Args:
        path: with `{game}` and, where the server wants it, `{seat}`: 0, 1 or -.
    """

    def __init__(self, path: str = "/ws/games/{game}/") -> None:
        self._path = path
        self._made = 0

    def make(self, count: int) -> list[str]:
        """See `Games`."""
        numbers = range(self._made, self._made + count)
        self._made += count
        return [self._path.format(game=f"{number:06d}", seat=seat) + " -" for number in numbers for seat in "01"]

    def watch(self, players: list[str], count: int) -> list[str]:
        """See `Games`."""
        return [players[0].split()[0].replace("seat=0", "seat=-") + " -"] * count


class Stored:
    """Games in a database, between players who are signed in.

    Args:
        command: makes games and prints the plan's lines; takes `--games`.
        environment: of that command; names the database.
    """

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment

    def make(self, count: int) -> list[str]:
        """See `Games`.

        Raises:
            NoGames: the command failed.
        """
        made = subprocess.run(
            [*self._command, "--games", str(count)],
            cwd=ROOT, env=self._environment, text=True, capture_output=True,
        )  # fmt: skip
        if made.returncode:
            raise NoGames(made.stderr[-2000:])
        return made.stdout.splitlines()

    def watch(self, players: list[str], count: int) -> list[str]:
        """See `Games`: spectators are not signed in."""
        return [players[0].split()[0] + " -"] * count


class Reserved:
    """Seats in Colyseus rooms: each connection needs a reservation of its own.

    Args:
        port: where the server listens on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def make(self, count: int) -> list[str]:
        """See `Games`.

        Raises:
            NoGames: the server refuses.
        """
        lines = []
        with closing(self._connect()) as connection:
            for _ in range(count):
                first = _reserve(connection, "create/connect_four", {})
                second = _reserve(connection, f"joinById/{first['roomId']}", {})
                lines += [_line(first), _line(second)]
        return lines

    def watch(self, players: list[str], count: int) -> list[str]:
        """See `Games`."""
        room = players[0].split("?")[0].rsplit("/", 1)[-1]
        with closing(self._connect()) as connection:
            return [_line(_reserve(connection, f"joinById/{room}", {"watch": True})) for _ in range(count)]

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)


def _reserve(connection: http.client.HTTPConnection, method: str, options: dict[str, bool]) -> dict[str, str]:
    connection.request("POST", f"/matchmake/{method}", json.dumps(options), {"Content-Type": "application/json"})
    with connection.getresponse() as response:
        reply = json.load(response)
    if "sessionId" not in reply:
        raise NoGames(f"Colyseus refuses {method}: {reply}")
    return reply


def _line(seat: dict[str, str]) -> str:
    return f"/{seat['processId']}/{seat['roomId']}?sessionId={seat['sessionId']} -"
