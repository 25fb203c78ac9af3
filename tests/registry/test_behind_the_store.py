"""One registry whose live games are behind the store: it looks there before it refuses, and by itself."""

from typing import Any

import pytest
from django.db import connection

from games.models import Game, Player
from games.protocol import PlayMove, Reason, Resign
from games.registry.catching_up import JUST_NOW
from games.runtime import Runtime
from games.storage import loading
from tests.support.audiences import Audience, refused
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story, until

FIRST = PlayMove(column=3, ply=1)


@pytest.fixture
def store(transactional_db: None) -> str:
    """One kind of database: what these tests show of a registry is the same on both."""
    return "sqlite"


@pytest.fixture
def game(alice: Player, bob: Player) -> Game:
    return store_game(alice, bob)


def _play_unheard(game: Game, column: int, ply: int) -> None:
    """What another process stores, whose announcement is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO games_change (game_id, number, kind, seat, "column", at, body)'
            " VALUES (%s, %s, 'move', %s, %s, %s, '')",
            [game.pk, ply + 1, 2 - ply % 2, column, "2026-11-20 12:00:00"],
        )


@story
async def test_a_game_that_is_behind_is_loaded_before_anybody_is_refused(
    game: Game, alice: Player, bob: Player
) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        await in_store(_play_unheard)(game, 3, 1)
        audience.entry.confirmed_at = float("-inf")  # a second later
        live, _ = await registry.run(game.pk, bob.pk, PlayMove(column=2, ply=2))
        assert live.columns == [3, 2]
        await audience.hears(2, 3)  # what was missed is told first


@story
async def test_within_a_second_of_looking_the_store_is_not_asked_again(game: Game, bob: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game):
        registry = runtime.registry
        await in_store(_play_unheard)(game, 3, 1)
        assert await refused(registry.run(game.pk, bob.pk, PlayMove(column=2, ply=2))) == "not_your_turn"


@story
async def test_a_conflict_is_judged_again_on_what_is_stored(game: Game, alice: Player, bob: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        await in_store(_play_unheard)(game, 6, 1)
        assert await refused(registry.run(game.pk, alice.pk, FIRST)) == "wrong_ply"
        live, _ = await registry.run(game.pk, bob.pk, Resign())
        assert live.columns == [6]
        assert live.outcome is not None
        assert live.outcome.reason is Reason.RESIGNATION
        await audience.hears(2, 3)


@story
async def test_what_another_process_stored_is_told_by_itself(game: Game) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        await in_store(_play_unheard)(game, 6, 1)
        await in_store(_play_unheard)(game, 5, 2)
        await audience.hears(2, 3)
        assert audience.entry.game is not None
        assert audience.entry.game.columns == [6, 5]


@story
async def test_a_name_that_somebody_has_lost_is_gone_from_live_games(game: Game, alice: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        await runtime.registry.view(game.pk)
        await in_store(alice.rename)("[deleted]")
        await until(lambda: audience.entry.game is not None and audience.entry.game.participant1.name == "[deleted]")


@story
async def test_a_game_that_has_just_moved_on_is_not_asked_about(game: Game, alice: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        asked: list[str] = []

        def numbers(game_ids: list[str]) -> dict[str, Any]:
            asked.extend(game_ids)
            return {}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loading, "numbers", numbers)
            audience.entry.confirmed_at = float("-inf")
            await registry.catching_up.catch_up()
            assert asked == [game.pk]
            await registry.run(game.pk, alice.pk, FIRST)
            await registry.catching_up.catch_up()
            assert asked == [game.pk]
            audience.entry.moved_on_at -= JUST_NOW  # half a second later
            await registry.catching_up.catch_up()
            assert asked == [game.pk] * 2
