"""People's names: a game's log names nobody, so whoever is renamed or deleted is asked for."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from games.protocol import GameError
from games.storage import loading

SLACK = timedelta(minutes=1)
"""By how much the clock of the process that renamed somebody may differ from ours."""


class Names:
    """Asks the store for new names.

    Args:
        read: calls a function that reads the store, in a thread; raises `GameError` where the store doesn't answer.
    """

    def __init__(self, read: Callable[..., Awaitable[Any]]) -> None:
        self._read = read
        self._asked_at = timezone.now()

    async def renamed(self) -> dict[int, str]:
        """The names of people who have had another one when this was asked last, by their primary keys."""
        now = timezone.now()
        try:
            names: dict[int, str] = await self._read(loading.renamed, self._asked_at - SLACK)
        except GameError:
            return {}
        self._asked_at = now
        return names
