"""Rows of chat for tests: lines as if they had been said."""

from datetime import datetime

from django.utils import timezone

from games.chat.models import Line, Room
from games.models import Game, Player


def store_line(
    game: Game, player: Player, text: str, kind: str = "participants", at: datetime | None = None, **fields: object
) -> Line:
    """A line, the next of its room.

    Args:
        game: beside which it was said.
        player: who said it.
        text: what.
        kind: the room.
        at: when; now where nothing is said.
        fields: of the row.
    """
    series_id, at = game.series_id or game.pk, at or timezone.now()
    room = Room.objects.get_or_create(series_id=series_id, kind=kind, defaults={"changed_at": at})[0]
    room.last_number += 1
    room.save()
    return Line.objects.create(room=room, number=room.last_number, game=game, player=player, text=text, at=at, **fields)
