"""Waiting games that are cancelled because nobody waits in them any more: who knows which says so here."""

from collections.abc import Callable, Sequence
from datetime import datetime

from games.game.commands import Cancel
from games.registry.endings import Ending

Finder = Callable[[datetime], Sequence[str]]
"""Gives the IDs of such games at a time. Called in a reader's thread every few seconds, in every process."""

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Have what it finds cancelled from now on; for ``AppConfig.ready``."""
    if finder not in _finders:
        _finders.append(finder)


def endings(now: datetime) -> list[Ending]:
    """How all games that were found are to end.

    Args:
        now: the time of looking.
    """
    return [(game_id, Cancel()) for finder in _finders for game_id in finder(now)]
