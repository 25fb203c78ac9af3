"""People who were paired, until they have been in the game: in the store, for all processes. Plain synchronous code."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from games.models import Game
from games.protocol import State
from lobby.models import Pairing

TOLD_FOR = timedelta(seconds=60)
"""How long somebody who was paired is told so, unless they open the game."""
MOST = 2000
"""Pairings that one look reads."""


def unopened(player_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """The games into which people were paired a moment ago and in which they have not been; by person.

    Args:
        player_ids: whose.
        now: the store's time.
    """
    pairings = Pairing.objects.filter(
        pk__in=[*player_ids], opened=False, at__gte=now - TOLD_FOR, game__state=State.IN_PROGRESS
    )
    return dict(pairings.values_list("pk", "game_id"))


def games_meanwhile(player_ids: Collection[int] | None, before: datetime) -> dict[int, list[str]]:
    """The games against the computer, not over yet, of people who have been paired since they began them.

    Args:
        player_ids: whose; None for everybody.
        before: people who were paired later are left out.

    Returns:
        By person; with nothing for whose games are all over. `note_ended` each.
    """
    rows = Pairing.objects.filter(waited_since__isnull=False, at__lte=before)
    if player_ids is not None:
        rows = rows.filter(pk__in=player_ids)
    waits = {row.pk: row for row in rows.order_by("at")[:MOST]}
    games = Game.objects.in_progress().filter(participant1__in=waits, participant2__computer__isnull=False)
    found: dict[int, list[str]] = {player_id: [] for player_id in waits}
    for pk, player_id, create_time in games.order_by().values_list("pk", "participant1", "create_time"):
        since = waits[player_id].waited_since
        if since is not None and since <= create_time <= waits[player_id].at:
            found[player_id].append(pk)
    return found


def note_ended(player_ids: Collection[int], before: datetime) -> None:
    """Write down that the games of `games_meanwhile` are over.

    Args:
        player_ids: whose.
        before: as it was given there; a later pairing has games of its own.
    """
    Pairing.objects.filter(pk__in=player_ids, at__lte=before).update(waited_since=None)


def note_opened(player_id: int, game_id: str) -> None:
    """Write down that somebody has been in the game that they were paired into."""
    Pairing.objects.filter(pk=player_id, game=game_id).update(opened=True)
