"""People's names, and what they are: a game's log names nobody, so whoever is renamed or deleted is asked for."""

from datetime import timedelta

from django.utils import timezone

from games.game.people import Participant
from games.protocol import GameError
from games.storage import loading
from games.storage.reader import Ask

SLACK = timedelta(minutes=1)
"""By how much the clock of the process that renamed somebody may differ from ours."""


class Names:
    """Asks the store for new names.

    Args:
        ask: reads the store, as `games.storage.reader.Reader.ask` does.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asked_at = timezone.now()

    async def renamed(self) -> dict[int, Participant]:
        """People who had another name when this was asked last, as they are now, by their primary keys."""
        now = timezone.now()
        try:
            people = await self._ask(loading.renamed, self._asked_at - SLACK)
        except GameError:
            return {}
        self._asked_at = now
        return people
