"""``manage.py end_deserted_games``: end games that everybody has left, now; servers do so by themselves."""

from datetime import datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from games.game.commands import Abandon, Cancel
from games.game.due import DESERTED_AFTER, UNANSWERED_AFTER
from games.models import Game
from games.protocol import ErrorCode, GameError
from games.registry.endings import Ending, end_all
from games.runtime import alone, call
from games.storage.plies import on_board

ATTEMPTS: Final = 3
"""How often each game is tried while the store is too busy to take it."""


class Command(BaseCommand):
    """Ends each such game once, however many of these commands run at the same time."""

    help = (
        f"Ends games in progress without a move for {DESERTED_AFTER.days} days (abandonment) and cancels games that "
        f"wait for more than {UNANSWERED_AFTER.days} day (aborted). Safe to run at any time, on any number of machines."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """End what is due; exit status 1 where the store did not take all of it."""
        now = timezone.now()
        # Both commands are refused where somebody came after all.
        with alone():
            abandoned = _end([(pk, Abandon(plies)) for pk, plies in _deserted(now)])
            cancelled = _end([(pk, Cancel()) for pk in _unanswered(now)])
        done = f"{abandoned.count(None)} abandoned, {cancelled.count(None)} cancelled."
        self.stdout.write(done)
        # Any other refusal means that somebody was quicker: a move, a join, or this command on another machine.
        refusals = [refusal.code for refusal in (*abandoned, *cancelled) if refusal is not None]
        failed = refusals.count(ErrorCode.TRY_AGAIN)
        if failed:
            raise CommandError(f"{failed} could not be stored; the next run tries again")


def _end(endings: list[Ending]) -> list[GameError | None]:
    return call(lambda here: end_all(here.registry, endings, ATTEMPTS))


def _deserted(now: datetime) -> list[tuple[str, int]]:
    """ID and plies of each deserted game."""
    games = Game.objects.deserted(now, DESERTED_AFTER).order_by("pk")
    return list(games.annotate(plies=on_board()).values_list("pk", "plies"))


def _unanswered(now: datetime) -> list[str]:
    """The ID of each game that waited in vain."""
    games = Game.objects.waiting().filter(create_time__lte=now - UNANSWERED_AFTER).order_by("pk")
    return list(games.values_list("pk", flat=True))
