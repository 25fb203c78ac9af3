"""Rows that make no game, under open connections: they stay open, and play on when the rows are mended."""

import asyncio

from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import mend, spoil
from tests.support.stories import in_store, story


@story
async def test_play_goes_on_when_the_rows_are_mended(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, game) as table:
        first, second = await table.seat(alice), await table.seat(bob)
        await in_store(spoil)(game)
        for _ in range(2):
            assert await first.refused("play_move", column=3, ply=1) == "try_again"
        await asyncio.sleep(2.5)  # the look at the store meets them too
        assert await second.refused("play_move", column=3, ply=1) in ("try_again", "not_your_turn")
        await in_store(mend)(game)
        assert (await first.play(3, 1))["type"] == "move_played"
        assert (await second.play(3, 2))["type"] == "move_played"
