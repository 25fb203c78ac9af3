"""People's names: a game's log names nobody, so whoever is renamed or deleted is asked for."""

from datetime import timedelta

from django.utils import timezone

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

    async def renamed(self) -> dict[int, str]:
        """The names of people who have had another one when this was asked last, by their primary keys."""
        now = timezone.now()
        try:
            names = await self._ask(loading.renamed, self._asked_at - SLACK)
        except GameError:
            return {}
        self._asked_at = now
        return names
