"""``manage.py think``: review games on this machine, for servers elsewhere, until SIGTERM or SIGINT."""

import asyncio
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from games.computer.solver.engine import Engine, EngineUnavailable
from games.runtime import Runtime


class Command(BaseCommand):
    """Claims queued reviews from the database, as servers do."""

    help = (
        "Reviews games that wait for it, with COMPUTER_WORKERS processes, until it is stopped. On any machine that "
        "reaches the PostgreSQL database and, where servers share one, the Redis."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number of workers."""
        parser.add_argument("--workers", type=int, default=settings.COMPUTER_WORKERS, help="processes that think")

    def handle(self, *args: Any, workers: int, **options: Any) -> None:
        """Work until a signal comes; exit status 1 with one line where that can't be."""
        if not 1 <= workers <= 64:
            raise CommandError("workers: from 1 to 64")
        if connection.vendor != "postgresql":
            raise CommandError("SQLite is for one process: its server thinks by itself (COMPUTER_WORKERS)")
        try:
            Engine.with_book()
            connection.ensure_connection()
        except (EngineUnavailable, DatabaseError) as error:
            raise CommandError(str(error).strip().splitlines()[0]) from None
        settings.COMPUTER_WORKERS = workers
        self.stdout.write(f"Thinking with {workers} worker processes.")
        self.stdout.flush()
        self.stdout.write(f"{asyncio.run(_think())} games were reviewed here.")


async def _think() -> int:
    """Work until a signal comes; how many games were reviewed."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Runtime.opened() as here:
        here.think()
        await stopped.wait()
        return here.thinking.reviewer.done
