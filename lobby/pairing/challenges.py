"""Challenges: waiting games that name who may join them. Which wait, and which are over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from games.models import Game
from games.protocol import GameObject
from games.storage import loading
from lobby.pairing import blocks

DESERTED_AFTER = timedelta(minutes=5)
"""A challenge ends when its maker has been away for so long; one by days stays as long as any waiting game."""


def waiting_for(player_ids: Iterable[int]) -> dict[int, dict[str, GameObject]]:
    """The challenges that wait for people, the oldest first. Those between blocked people never arrive.

    Args:
        player_ids: whose.
    """
    games = loading.load_all(Game.objects.waiting().filter(invited__in=[*player_ids]).order_by("create_time", "id"))
    people = {game.id: (game.participant1.player_id, game.invited.player_id) for game in games if game.invited}
    blocked = blocks.among({player_id for both in people.values() for player_id in both})
    found: dict[int, dict[str, GameObject]] = {}
    for game in games:
        if frozenset(people[game.id]) not in blocked:
            found.setdefault(people[game.id][1], {})[game.id] = game.as_json_object()
    return found


MOST = 25
"""Challenges that end in one look."""


def deserted(now: datetime) -> list[str]:
    """The IDs of challenges whose makers have been away for long; they are cancelled, in whichever process.

    Args:
        now: the time of looking.
    """
    gone = Q(participant1__seen_at__lt=now - DESERTED_AFTER) | Q(participant1__seen_at=None)
    games = Game.objects.waiting().filter(gone, invited__isnull=False, days_per_move=None)
    return [*games.filter(create_time__lt=now - DESERTED_AFTER).order_by().values_list("pk", flat=True)[:MOST]]
