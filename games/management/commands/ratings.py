"""``manage.py ratings --check`` and ``--rebuild``: all ratings, computed again from the rated games."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from games.ratings.recomputing import Recomputation
from games.storage import in_use


class Command(BaseCommand):
    """See the module's text."""

    help = "Computes all ratings again, in the order in which games were rated. Exit status 1 if one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do of what differs."""
        wish = parser.add_mutually_exclusive_group(required=True)
        wish.add_argument("--check", action="store_true", help="say what differs; servers may run")
        wish.add_argument("--rebuild", action="store_true", help="write what was computed; no server may run")

    def handle(self, *args: Any, rebuild: bool, **options: Any) -> None:
        """Compute, and print what differs."""
        if rebuild and (others := in_use.by_others("default")):
            sys.exit(f"fourline: ratings are rebuilt while nobody plays, and {others}")
        pass_ = Recomputation(writes=rebuild)
        pass_.run()
        for fault in pass_.faults:
            self.stdout.write(fault)
        games = "1 rated game" if pass_.games == 1 else f"{pass_.games} rated games"
        differ = f"{_counted(len(pass_.faults), rebuild)}"
        self.stdout.write(f"{games} computed again, {differ}.")
        if pass_.faults and not rebuild:
            sys.exit(1)


def _counted(faults: int, rebuild: bool) -> str:
    if not faults:
        return "nothing differs"
    return f"{faults} mended" if rebuild else f"{faults} differ{'s' if faults == 1 else ''}"
