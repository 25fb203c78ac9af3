"""Arenas: a server of its own on a database of its own, and many games to be played there at once."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from games.models import Game, Move
from tests.support.players import WITHIN, Seat, Tally
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import player, store_game, stored_discs
from tests.support.stores import database
from tests.support.wire import sign_in

SCALE = 1.0 if IS_WHOLE else 0.1
PEOPLE = 10
RAISED_LIMITS = {
    "SOCKETS_PER_USER": "100000",
    "PLAYER_MESSAGES_PER_20_S": "1000000",
    "SPECTATOR_MESSAGES_PER_20_S": "1000000",
}
"""A few people play all the games, faster than people do."""


def count(whole: int, least: int = 1) -> int:
    """A count of the whole run, or a tenth of it."""
    return max(least, round(whole * SCALE))


rows: list[str] = []
"""What each arena saw, for the table of the whole run."""


def _row(place: "Arena", name: str) -> str:
    tally = place.tally
    asked = tally.gaps + tally.catch_ups
    counts = (len(place.games), len(tally.acknowledged), place.server.starts - 1, tally.answered_from_store)
    cells = (*counts, tally.errors["try_again"], asked, place.remark)
    return f"| `{name}` | " + " | ".join(str(cell) for cell in cells) + " |"


class Arena:
    """A server, its database, and what the players were told."""

    def __init__(self, folder: Path, url: str, **env: str) -> None:
        self.server = ServerProcess("uvicorn", folder, DATABASE_URL=url, **{**RAISED_LIMITS, **env})
        self.tally = Tally()
        self.remark = ""
        """What the test has measured besides."""
        self.games: list[Game] = []
        self.sessions: dict[int, str] = {}

    def set_up(self, games: int) -> None:
        """People, their sessions, and games in progress between them, without a disc."""
        people = [player(f"player{number}") for number in range(PEOPLE)]
        self.sessions = {person.pk: sign_in(person.user) for person in people}
        self.games = [store_game(people[n % PEOPLE], people[(n + 1) % PEOPLE]) for n in range(games)]

    def headers(self, player_id: int | None) -> dict[str, str]:
        """Of a handshake: who connects, from our own page."""
        cookie = {"Cookie": f"sessionid={self.sessions[player_id]}"} if player_id is not None else {}
        return {"Origin": self.server.url, **cookie}

    def address(self, game: Game) -> str:
        """Of a game's socket."""
        return f"{self.server.ws_url}/ws/games/{game.pk}/"

    def seats(self, games: list[Game] | None = None, spectators: int = 0, **options: Any) -> list[Seat]:
        """Both participants of every game, and spectators."""
        return [
            Seat(self.address(game), self.headers(who), self.tally, **options)
            for game in (self.games if games is None else games)
            for who in (game.participant1_id, game.participant2_id, *[None] * spectators)
        ]

    async def play(self, *faults: Any, within: float = WITHIN, **options: Any) -> None:
        """Play every game to its end, while the faults happen."""
        async with asyncio.timeout(within * (5 if IS_WHOLE else 1)), asyncio.TaskGroup() as tasks:
            for work in (*faults, *(seat.play() for seat in self.seats(**options))):
                tasks.create_task(work)

    def check(self) -> None:
        """Every acknowledged move is stored, none twice; all games are over, and every record holds."""
        connections["default"].close()  # PostgreSQL may have been away since it was opened
        stored: dict[tuple[str, int], int] = {}
        for game_id, ply, column in stored_discs():
            assert (game_id, ply) not in stored, f"{game_id}: ply {ply} is stored twice"
            stored[game_id, ply] = column
        lost = {key: column for key, column in self.tally.acknowledged.items() if stored.get(key) != column}
        assert not lost, f"acknowledged, but not stored: {lost}"
        assert len(self.tally.acknowledged) == len(stored)  # each mover heard of each of its moves
        ids = [game.pk for game in self.games]
        assert not Game.objects.filter(pk__in=ids).exclude(state="finished").exists()
        for game in self.games:
            columns = Move.objects.filter(game=game).values_list("column", flat=True)
            notation = "".join(str(column + 1) for column in columns)
            assert self.tally.boards[game.pk] == {notation}, f"{game.pk}: {self.tally.boards[game.pk]}"
        try:
            self.server.manage("verify_games")
        except subprocess.CalledProcessError as error:
            pytest.fail(f"{error.stdout}{error.stderr}")

    @property
    def complaints(self) -> list[str]:
        """Lines of the log that no restart may leave."""
        signs = ("Traceback", "WARNING", "ERROR", "was destroyed", "never retrieved", "never awaited", "Exception")
        return [line for line in self.server.log.splitlines() if any(sign in line for sign in signs)]


@contextlib.contextmanager
def arena(folder: Path, url: str, games: int, **env: str) -> Iterator[Arena]:
    """A running server with games; Django's default database is the arena's meanwhile."""
    made = Arena(folder, url, **env)
    with database(url):
        made.set_up(games)
        made.server.start()
        try:
            yield made
            rows.append(_row(made, os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].partition(" ")[0]))
        finally:
            if made.server.process is not None:
                made.server.kill()
