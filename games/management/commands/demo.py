"""``manage.py demo``: people and games to look at."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from games.demo.filling import Filled, fill


class Command(BaseCommand):
    """Fills the database with players and games; where they are there already, adds what is missing."""

    help = (
        "Fills the database with a dozen players and some fifty games, and prints whom to sign in as. "
        "A second run adds only running and waiting games that are missing, and makes new passwords."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, unless this is a site for real people."""
        if not settings.DEBUG:
            raise CommandError("the demonstration is for trying out: it needs DEBUG=true")
        self.stdout.write(_as_text(fill(timezone.now(), secrets.SystemRandom())))


def _as_text(filled: Filled) -> str:
    added = ", ".join(f"{count} {state}" for state, count in filled.added.items() if count) or "none, all are there"
    ada, bruno, _admin = filled.passwords
    width = max(map(len, filled.passwords))
    people = [f"  {name:{width}}  {password}" for name, password in filled.passwords.items()]
    people[-1] += f"  (administrator: {reverse('admin:index')})"
    return "\n".join(
        [
            f"Games added: {added}.",
            "Sign in as (the passwords are new each time):",
            *people,
            f"{ada} and {bruno} have a game going: {reverse('game', args=[filled.game_going])}",
            "The lobby shows the running and waiting games for an hour, though nobody sits behind them.",
        ]
    )
