"""Checks of a copy: what `manage.py verify_games` looks for, through a connection of the copy's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connections
from django.utils import timezone

from config.backups import CannotCopy
from games.records.verification import check_all, orphans


@contextmanager
def opened(alias: str, settings: dict[str, Any]) -> Iterator[None]:
    """Let Django know a database by an alias for as long as the ``with`` block lasts.

    Args:
        alias: for ``using``.
        settings: the database's; what they don't say is as for the default one.
    """
    connections.settings[alias] = {**connections.settings["default"], **settings}
    try:
        yield
    finally:
        connections[alias].close()
        if (pool := getattr(connections[alias], "close_pool", None)) is not None:
            pool()
        del connections[alias]
        del connections.settings[alias]


def faulty_games(alias: str, say: Callable[[str], None]) -> tuple[int, int]:
    """Play every game of a database again.

    Args:
        alias: of the database.
        say: hears a line for each game that doesn't hold.

    Returns:
        How many games there are, and how many of them don't hold.

    Raises:
        CannotCopy: the games can't be read.
    """
    checked = faulty = 0
    try:
        for report in check_all(timezone.now(), using=alias):
            checked += 1
            if report.faults:
                faulty += 1
                say(f"{report.game_id}: {'; '.join(report.faults)}")
        for report in orphans(using=alias):
            faulty += 1
            say(f"{report.game_id}: {'; '.join(report.faults)}")
    except DatabaseError as error:
        raise CannotCopy(f"the games can't be read: {str(error).splitlines()[0]}") from None
    return checked, faulty
