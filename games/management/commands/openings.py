"""``manage.py openings``: the ballot's drawn openings, computed again and compared with the list that games use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from games.computer.openings import all_openings, value
from games.computer.solver.engine import Engine, EngineUnavailable
from games.computer.words import result
from games.rules.openings import DRAWN


class Command(BaseCommand):
    """Computes what every position after four plies is worth."""

    help = "Computes which positions after four plies are drawn, and compares them with the list that games draw from."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--all``."""
        parser.add_argument("--all", action="store_true", help="print all openings and what they are worth")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute, print, compare; exit status 1 where the list is not what was computed."""
        values = self._values()
        drawn = [opening for opening, score in values.items() if score == 0]
        if options["all"]:
            for opening, score in values.items():
                self.stdout.write(f"{opening} {score:+d} {result(score, len(opening))}")
        else:
            self.stdout.write(" ".join(drawn))
        won = sum(score > 0 for score in values.values())
        lost = len(values) - won - len(drawn)
        self.stdout.write(f"{len(values)} up to mirror images: {len(drawn)} drawn, {won} won, {lost} lost.")
        if missing := set(drawn) - set(DRAWN):
            raise CommandError(f"drawn, but not in the list: {' '.join(sorted(missing))}")
        if wrong := set(DRAWN) - set(drawn):
            raise CommandError(f"in the list, but not drawn: {' '.join(sorted(wrong))}")
        self.stdout.write("The list holds.")

    def _values(self) -> dict[str, int]:
        try:
            engine = Engine()
            return {opening: value(engine, opening) for opening in all_openings()}
        except EngineUnavailable as error:
            raise CommandError(str(error)) from None
