"""``manage.py engine --selftest``: whether perfect play works on this machine."""

import asyncio
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from games.computer.selftest import KNOWN, answering_workers, failures
from games.computer.solver.engine import DeadlineExceeded, Engine, EngineUnavailable
from games.computer.workers.pool import NoAnswer


class Command(BaseCommand):
    """Starts the engine and asks it what is known."""

    help = "Says whether perfect play works here, and what is missing where it doesn't."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--selftest``."""
        parser.add_argument("--selftest", action="store_true", help="also ask it for known positions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what works; exit status 1 with a line for each thing that doesn't."""
        began = time.perf_counter()
        try:
            engine = Engine.with_book()
        except EngineUnavailable as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The engine started in {time.perf_counter() - began:.2f} s, with its opening book.")
        if not options["selftest"]:
            return
        wrong = list(failures(engine))
        if wrong:
            raise CommandError("; ".join(wrong))
        self.stdout.write(f"{len(KNOWN)} known positions are scored right, {time.perf_counter() - began:.2f} s in all.")
        try:
            workers = asyncio.run(answering_workers())
        except (NoAnswer, EngineUnavailable, DeadlineExceeded) as error:
            raise CommandError(f"workers don't answer: {error}") from None
        self.stdout.write(f"{workers} worker processes answer (COMPUTER_WORKERS).")
