"""Under full load a person signs up, signs in and opens the lobby, within a second and without a locked database."""

import asyncio
import hashlib
import http.client
import re
import time
import urllib.parse
from pathlib import Path

from games.models import Game
from tests.support.arenas import Arena, arena, count

TABLES, GAMES_A_TABLE = count(100), 60
VISITS = count(30, least=5)
WITHIN = 1.0
"""Seconds, for the median visit; each page of it."""
PASSWORD = "four in a row 4"


class Visitor:
    """A browser without a window: keeps cookies, fills in forms."""

    def __init__(self, place: Arena) -> None:
        self._port = place.server.port
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str]:
        """One request; status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urllib.parse.urlencode(fields) or None, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def submit(self, path: str, **fields: str) -> int:
        """Open a form, fill it in and send it; the status."""
        status, page = self.ask("GET", path)
        assert status == 200, page
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        return self.ask("POST", path, csrfmiddlewaretoken=token[1], **fields)[0]


def _visit(place: Arena, name: str) -> list[float]:
    """Sign up, sign in, open the lobby; the seconds that each took."""
    took, then = [], time.monotonic()
    fields = {"username": name, "password": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert Visitor(place).submit("/accounts/signup/", **fields) == 302
    took.append(time.monotonic() - then)
    visitor, then = Visitor(place), time.monotonic()
    assert visitor.submit("/accounts/login/", username=name, password=PASSWORD) == 302
    took.append(time.monotonic() - then)
    then = time.monotonic()
    status, page = visitor.ask("GET", "/")
    assert (status, name in page) == (200, True)
    took.append(time.monotonic() - then)
    return took


def _slowness() -> float:
    """How much longer than its own work anything takes here, because others use the machine as well."""
    wall, own = time.monotonic(), time.thread_time()
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 300_000)
    return (time.monotonic() - wall) / (time.thread_time() - own)


def test_signing_up_and_in_and_the_lobby(tmp_path: Path, sqlite_url: str) -> None:
    visits: list[list[float]] = []
    slowness: list[float] = []
    moves: list[int] = []
    played: list[Game] = []

    async def visit() -> None:
        await place.tally.reaches(TABLES)
        for number in range(VISITS):
            before = len(place.tally.acknowledged)
            slowness.append(await asyncio.to_thread(_slowness))
            visits.append(await asyncio.to_thread(_visit, place, f"visitor{number}"))
            moves.append(len(place.tally.acknowledged) - before)

    async def play_on(games: list[Game], visiting: "asyncio.Task[None]") -> None:
        """One game after the other at a table, until the visits are over."""
        for game in games:
            if visiting.done():
                return
            played.append(game)
            await asyncio.gather(*(seat.play() for seat in place.seats([game])))

    async def load() -> None:
        async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
            visiting = tasks.create_task(visit())
            for number in range(TABLES):
                tasks.create_task(play_on(place.games[number::TABLES], visiting))

    with arena(tmp_path, sqlite_url, TABLES * GAMES_A_TABLE) as place:
        asyncio.run(load())
        place.games = played
        place.check()
        medians = [sorted(seconds)[VISITS // 2] for seconds in zip(*visits, strict=True)]
        allowed = WITHIN * max(1.0, sorted(slowness)[VISITS // 2])
        place.remark = (
            "signing up {:.2f} s, signing in {:.2f} s, the lobby {:.2f} s (medians)".format(*medians)
            + f"; allowed {allowed:.1f} s"
        )
    assert "locked" not in place.server.log
    assert not place.tally.errors
    assert max(medians) < allowed, f"{medians} on a machine that is {allowed:.1f} times too slow"
    assert min(moves) > 0, "the load had ended before the visits did"
