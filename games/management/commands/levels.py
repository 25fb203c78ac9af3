"""``manage.py levels``, `make levels`: the computer's levels play each other; how far apart they are, in Elo."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from games.computer.play.ladder import Played, errors_of, pairings, play_all, step
from games.computer.play.levels import LEVELS
from games.computer.solver.engine import Engine, EngineUnavailable

STEP = 100
"""What each level must be stronger than the one below it, in Elo."""


class Command(BaseCommand):
    """Plays the ladder."""

    help = "Plays each level against the next, and prints how much stronger it is, with 95% intervals."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how much to play."""
        parser.add_argument("--games", type=int, default=200, help="of each pairing")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--from", type=int, default=1, dest="lowest", metavar="LEVEL", help="the lowest level")
        parser.add_argument("--to", type=int, default=len(LEVELS), dest="highest", metavar="LEVEL", help="the highest")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play and print; exit status 1 where a step is too small or the perfect level gave something away."""
        lowest, highest = options["lowest"], options["highest"]
        if not 1 <= lowest < highest <= len(LEVELS) or options["games"] < 2 or options["processes"] < 1:
            raise CommandError(
                f"levels are 1 to {len(LEVELS)}, the lowest first; two games or more, one process or more"
            )
        _needs_engine()
        played = play_all(pairings(options["games"], lowest, highest), options["processes"])
        small = [lower for lower in range(lowest, highest) if not self._print_step(lower, played)]
        wrong = self._print_errors(played) if highest == len(LEVELS) else 0
        if small or wrong:
            raise CommandError(f"steps of less than {STEP} Elo above levels {small}, {wrong} errors of level 8")

    def _print_step(self, lower: int, played: list[Played]) -> bool:
        found = step(lower, [game for game in played if {game.first, game.second} == {lower, lower + 1}])
        self.stdout.write(
            f"{found.upper} {LEVELS[lower].name:8} over {lower} {LEVELS[lower - 1].name:8} "
            f"{found.elo:+5.0f} Elo ({found.low:+.0f} to {found.high:+.0f}), {found.points:g} of {found.games}"
        )
        return found.elo >= STEP

    def _print_errors(self, played: list[Played]) -> int:
        perfect = len(LEVELS)
        games, wrong = errors_of(perfect, [game for game in played if perfect in (game.first, game.second)])
        self.stdout.write(f"Level {perfect} gave away score {wrong} times in {games} games.")
        return wrong


def _needs_engine() -> None:
    try:
        Engine.with_book()
    except EngineUnavailable as error:
        raise CommandError(str(error)) from None
