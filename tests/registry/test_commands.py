"""One registry: what it keeps, and callers who vanish or wait too long."""

import asyncio
import contextlib
import gc
from collections.abc import Callable
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connection
from django.test.utils import CaptureQueriesContext

from games.game.changes import GameChange
from games.game.commands import Join
from games.layers.broadcast import LOBBY_GROUP
from games.models import Game, Move, Player
from games.protocol import GameError, PlayMove
from games.registry.pending import Pending
from games.registry.turns import ANSWER_WITHIN
from games.runtime import Runtime
from games.storage import loading
from tests.support.audiences import Audience, refused
from tests.support.houses import participant
from tests.support.journals import locked_by_another_process
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


def _stored(game: Game) -> list[int]:
    return list(Move.objects.filter(game=game).values_list("column", flat=True))


def _pendings() -> list[Pending]:
    return [thing for thing in gc.get_objects() if type(thing) is Pending]


@story
async def test_an_answered_command_is_let_go_at_once(game: Game, alice: Player, bob: Player) -> None:
    """Without the garbage collector, and without its deadline: thousands a second would pile up."""
    async with Runtime.opened() as runtime, Audience(runtime.registry, game):
        registry = runtime.registry
        gc.collect()
        gc.disable()
        others = _pendings()  # of other tests in this process: whatever holds them is not for this one to say
        try:
            await registry.run(game.pk, alice.pk, FIRST)
            await registry.run(game.pk, bob.pk, PlayMove(column=2, ply=2))
            await registry.run(game.pk, alice.pk, PlayMove(column=2, ply=3))
            # The last one's deadline has it. Later than now, beside other tests, but long before the deadlines.
            async with asyncio.timeout(ANSWER_WITHIN / 2):
                await until(lambda: len({id(kept) for kept in _pendings()} - {id(kept) for kept in others}) <= 1)
        finally:
            gc.enable()


@story
async def test_an_unknown_game_is_refused_and_not_kept(alice: Player) -> None:
    async with Runtime.opened() as runtime:
        registry = runtime.registry
        assert await refused(registry.run("ZZZZZZ", alice.pk, FIRST)) == "game_not_found"
        assert await refused(registry.view("ZZZZZZ")) == "game_not_found"
        assert len(registry.live_games) == 0


# --- memory -----------------------------------------------------------------------------------------------------


@story
async def test_idle_games_are_forgotten(alice: Player, bob: Player) -> None:
    games = [await in_store(store_game)(alice, bob) for _ in range(20)]
    async with Runtime.opened() as runtime:
        registry = runtime.registry
        for game in games:
            await registry.run(game.pk, alice.pk, FIRST)
            await registry.view(game.pk)
        assert len(registry.live_games) == 0
        async with Audience(runtime.registry, games[0]):
            assert len(registry.live_games) == 1
        assert len(registry.live_games) == 0


def test_a_game_is_rebuilt_with_two_queries(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44353")
    with CaptureQueriesContext(connection) as queries:
        live = loading.load(game.pk)
    assert live is not None
    assert live.notation == "44353"
    assert len(queries) <= 2


# --- callers who vanish -----------------------------------------------------------------------------------------

MOMENTS = [0, 1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765]
"""Turns of the loop after which the caller is cancelled: at every await between the first and the last."""


@pytest.mark.parametrize("is_live", [True, False])
@story
async def test_a_caller_who_vanishes_at_any_await_changes_nothing(alice: Player, bob: Player, is_live: bool) -> None:
    """The move is stored and told, or neither; and whoever comes next finds the game in order."""
    was_stored = []
    async with Runtime.opened() as runtime:
        registry = runtime.registry
        for moment in MOMENTS:
            game = await in_store(store_game)(alice, bob)
            async with contextlib.AsyncExitStack() as stack:
                audience = await stack.enter_async_context(Audience(runtime.registry, game)) if is_live else None
                calling = asyncio.create_task(registry.run(game.pk, alice.pk, FIRST))
                for _ in range(moment):
                    await asyncio.sleep(0)
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
                _, answer = await registry.run(game.pk, alice.pk, FIRST)
                was_stored.append(answer is not None)
                if audience is not None:
                    await audience.hears(2)
            assert await in_store(_stored)(game) == [3]
        assert len(registry.live_games) == 0
    assert set(was_stored) == {True, False}


@story
async def test_who_vanishes_while_waiting_for_a_turn_holds_nobody_up(game: Game, alice: Player, bob: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        with locked_by_another_process():
            first = asyncio.create_task(registry.run(game.pk, alice.pk, FIRST))
            await until(lambda: audience.entry.in_flight)
            second = asyncio.create_task(registry.run(game.pk, bob.pk, PlayMove(column=0, ply=2)))
            third = asyncio.create_task(registry.run(game.pk, bob.pk, PlayMove(column=1, ply=2)))
            await until(lambda: len(audience.entry.turns) == 2)
            second.cancel()
        await first
        live, _ = await third
        assert live.columns == [3, 1]


# --- callers who wait too long ----------------------------------------------------------------------------------


@story
async def test_who_waits_for_two_seconds_hears_try_again_and_nothing_is_lost_or_doubled(
    alice: Player, bob: Player
) -> None:
    """What the writer has is in doubt, and told when it is stored; what it hasn't is withdrawn; turns time out."""
    taken, queued = [await in_store(store_game)(alice, bob) for _ in range(2)]
    async with Runtime.opened() as runtime, Audience(runtime.registry, taken) as audience:
        registry = runtime.registry
        with locked_by_another_process():
            first = asyncio.create_task(registry.run(taken.pk, alice.pk, FIRST))
            await until(lambda: audience.entry.in_flight and registry.journal._queue.empty())
            asks = [registry.run(queued.pk, alice.pk, FIRST), registry.run(taken.pk, alice.pk, FIRST), first]
            assert await asyncio.gather(*(refused(ask) for ask in asks)) == ["try_again"] * 3
            assert not audience.heard
        await audience.hears(2)
        _, answer = await registry.run(taken.pk, alice.pk, FIRST)
        assert answer is not None  # recorded, and so acknowledged when it is sent again
        assert await in_store(_stored)(queued) == []
        _, answer = await registry.run(queued.pk, alice.pk, FIRST)
        assert answer is None
        await audience.hears(2)


@story
async def test_a_store_that_fails_leaves_the_live_game_true(
    game: Game, alice: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        with locked_by_another_process():
            assert await refused(registry.run(game.pk, alice.pk, FIRST)) == "try_again"
        assert audience.entry.game is not None
        assert (audience.entry.game.version, audience.heard) == (1, [])
        await registry.run(game.pk, alice.pk, PlayMove(column=5, ply=1))
        await audience.hears(2)


@story
async def test_closing_answers_everybody(game: Game, alice: Player, bob: Player) -> None:
    async with Runtime.opened() as runtime, Audience(runtime.registry, game) as audience:
        registry = runtime.registry
        with locked_by_another_process():
            first = asyncio.create_task(registry.run(game.pk, alice.pk, FIRST))
            await until(lambda: audience.entry.in_flight)
            waiting = asyncio.create_task(registry.run(game.pk, bob.pk, PlayMove(column=0, ply=2)))
            await until(lambda: bool(audience.entry.turns))
            closing = asyncio.create_task(runtime.close())
            await until(lambda: registry.journal._is_closing)
        await closing
        await first  # what the journal had is stored and acknowledged
        assert await refused(waiting) == "try_again"
        assert await refused(registry.run(game.pk, bob.pk, PlayMove(column=0, ply=2))) == "try_again"
    assert await in_store(_stored)(game) == [3]


@story
async def test_an_announcement_that_fails_harms_neither_its_game_nor_its_neighbours(
    alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled, other = [await in_store(store_game)(alice, bob) for _ in range(2)]
    async with (
        Runtime.opened() as runtime,
        Audience(runtime.registry, spoiled),
        Audience(runtime.registry, other) as audience,
    ):
        registry = runtime.registry
        announce: Callable[..., None] = runtime.broadcast.announce

        def fail_once(change: GameChange, *rest: Any) -> None:
            if change.game_id == spoiled.pk and not audience.heard:
                raise RuntimeError("a layer that breaks")
            announce(change, *rest)

        monkeypatch.setattr(runtime.broadcast, "announce", fail_once)
        asks = [registry.run(one.pk, alice.pk, FIRST) for one in (spoiled, other)]
        done = await asyncio.gather(*asks, return_exceptions=True)
        assert isinstance(done[0], GameError)
        await audience.hears(2)
        _, answer = await registry.run(spoiled.pk, alice.pk, FIRST)
        assert answer is not None
        await registry.run(spoiled.pk, bob.pk, PlayMove(column=3, ply=2))


@story
async def test_a_new_game_is_listed_also_when_its_maker_has_gone(alice: Player) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(LOBBY_GROUP, channel)
    async with Runtime.opened() as runtime:
        registry = runtime.registry
        making = asyncio.create_task(registry.create(participant(alice)))
        await asyncio.sleep(0)
        making.cancel()
        async with asyncio.timeout(20):
            changed = await layer.receive(channel)
        game = await in_store(Game.objects.get)()
        assert changed["ids"] == [game.pk]
    await layer.group_discard(LOBBY_GROUP, channel)
    layer.forget_channel(channel)


@story
async def test_who_holds_the_seat_already_is_told_so(game: Game, bob: Player) -> None:
    async with Runtime.opened() as runtime:
        registry = runtime.registry
        _, answer = await registry.run(game.pk, bob.pk, Join(participant(bob)))
        assert answer is not None
