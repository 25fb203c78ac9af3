"""A journal on the test database, what it says of its entries, and a lock that holds it up."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, connections

from games.game.changes import Change, Drop
from games.models import Game
from games.storage.commits import Verdict
from games.storage.journal import Entry, Journal
from tests.support.stories import until

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Desk:
    """The callers' side of a journal: hands changes over and keeps what becomes of them, in order."""

    def __init__(self) -> None:
        self.journal = Journal(self._done, asyncio.get_running_loop())
        self.batches: list[list[Entry]] = []

    def _done(self, done: list[tuple[Entry, Verdict]]) -> None:
        self.batches.append([entry for entry, _ in done])
        for entry, verdict in done:
            entry.owner.set_result(verdict)

    def submit(self, change: Change) -> Entry:
        """Hand a change over."""
        entry = Entry(change, asyncio.get_running_loop().create_future())
        assert self.journal.submit(entry)
        return entry

    async def store(self, *changes: Change) -> list[Verdict]:
        """Hand changes over and wait for their verdicts."""
        return [await verdict_on(self.submit(change)) for change in changes]

    def watch_thread(self, note: Callable[[Sequence[Change]], None]) -> None:
        """Have each batch told that the writer's thread begins to store."""
        commits, store = self.journal._commits, self.journal._commits.store

        def noted(changes: Any) -> list[Verdict]:
            note(changes)
            return store(changes)

        commits.store = noted  # type: ignore[method-assign]

    async def has_begun(self, entry: Entry) -> None:
        """Wait until the writer has taken an entry."""
        await until(lambda: entry.stage != "waiting")


async def verdict_on(entry: Entry) -> Verdict:
    """What became of an entry."""
    async with asyncio.timeout(20):
        verdict: Verdict = await entry.owner
        return verdict


@contextlib.asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """A desk whose journal is closed in the end."""
    opened = Desk()
    try:
        yield opened
    finally:
        await asyncio.to_thread(opened.journal.close)


@contextlib.contextmanager
def locked_by_another_process() -> Iterator[None]:
    """The SQLite file with its one write lock taken, by a connection of nobody's."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def drop(game: Game, column: int, ply: int = 1, outcome: Any = None) -> Drop:
    """A disc to be stored."""
    seat = game.first_move if ply % 2 else 3 - game.first_move
    return Drop(game_id=game.pk, number=ply + 1, at=NOON, seat=seat, column=column, outcome=outcome)


def widen_log() -> None:
    """What a migration may do to the log's table while others write to it; on PostgreSQL, in any thread."""
    with connections["default"].cursor() as cursor:
        cursor.execute("ALTER TABLE games_change ALTER COLUMN game_id TYPE varchar(9)")
    connections["default"].close()
