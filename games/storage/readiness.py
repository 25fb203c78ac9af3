"""Whether the store serves: it answers, has the tables of this release, and takes what the writer writes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

from games.logs import reason_of
from games.storage.commits import Verdict
from games.storage.reader import Reader

log = logging.getLogger("fourline.readiness")

GOOD_FOR = 0.5
"""Seconds for which an answer is given again: probes of several balancers, or of a stranger, cost no more than two."""
WROTE_WITHIN = 1.0
"""Seconds for which a batch that was stored shows that the writer writes; a quiet one is given a trial."""


class Lack(StrEnum):
    """Why the store does not serve. In this order: of several the first is named."""

    DATABASE = "the database does not answer"
    SCHEMA = "the database is not migrated"
    WRITER = "the journal does not write"


class Readiness:
    """Asks the store, for one event loop; however many want to know at once, it is asked once.

    Args:
        reader: asks whether it answers, and for its migrations.
        has_stored_within: whether the writer stored anything within so many seconds.
        try_to_write: has the writer commit what changes nothing; `ANSWER_WITHIN` bounds it.
    """

    def __init__(
        self,
        reader: Reader,
        has_stored_within: Callable[[float], bool],
        try_to_write: Callable[[], Awaitable[Verdict]],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self._has_stored_within = has_stored_within
        self._try_to_write = try_to_write
        self._asking: asyncio.Task[Lack | None] | None = None
        self._asked_at = float("-inf")
        self._known: Lack | None = None

    async def lack(self) -> Lack | None:
        """What the store lacks, as of the last half second; None where it serves.

        Returns within about 2 s also where nothing answers.
        """
        if self._loop.time() - self._asked_at <= GOOD_FOR:
            return self._known
        if self._asking is None:
            self._asking = self._loop.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """End a question that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> Lack | None:
        try:
            lack, does_write = await asyncio.gather(self._ask_reader(), self._does_write())
            found = lack or (None if does_write else Lack.WRITER)
            if found is not self._known:
                log.warning("not ready: %s", found) if found else log.warning("ready again")
            self._known, self._asked_at = found, self._loop.time()
            return found
        finally:
            self._asking = None

    async def _ask_reader(self) -> Lack | None:
        try:
            is_migrated = await self._reader.read(_is_migrated)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            if self._known is not Lack.DATABASE:
                log.warning("the database does not answer: %s", reason_of(error))
            return Lack.DATABASE
        return None if is_migrated else Lack.SCHEMA

    async def _does_write(self) -> bool:
        return self._has_stored_within(WROTE_WITHIN) or await self._try_to_write() is Verdict.STORED


def _is_migrated() -> bool:
    """Whether every migration of this release is applied; those of a later one don't matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # an error of this one means that the database is away
        try:
            cursor.execute("SELECT app, name FROM django_migrations")
        except DatabaseError:
            if not connection.is_usable():
                raise
            return False
        return _last_migrations() <= set(cursor.fetchall())


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """The last of each app's migrations in this release's code."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
