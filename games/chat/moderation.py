"""What moderators do about chat: delete lines, mute people, and read what was said beside a game."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, QuerySet

from games.chat.models import Chatter, Line, Room
from games.models import Game, Player

TIMEOUT = timedelta(minutes=15)
"""How long somebody is muted who isn't muted for good."""
MOST_BESIDE = 200
"""Newest lines that are shown beside a reported game."""


def delete_line(line: Line, by: AbstractBaseUser, now: datetime) -> bool:
    """Show a line to nobody but moderators any more.

    Args:
        line: with its room.
        by: the moderator.
        now: when.

    Returns:
        Whether it was shown until now.
    """
    with transaction.atomic():
        shown = Line.objects.filter(pk=line.pk, deleted_at=None)
        if not shown.update(deleted_at=now, deleted_by_id=by.pk):
            return False
        Room.objects.filter(pk=line.room_id).update(revision=F("revision") + 1, changed_at=now)
    return True


def mute(player: Player, until: datetime | None) -> Chatter:
    """Have what somebody says shown to nobody else.

    Args:
        player: who.
        until: when it is over; None for good.
    """
    chosen = {"is_muted_for_good": True} if until is None else {"muted_until": until, "is_muted_for_good": False}
    return Chatter.objects.update_or_create(player=player, defaults=chosen)[0]


def unmute(player: Player, now: datetime) -> Chatter | None:
    """Have everybody read again what somebody says; None where they weren't muted. What was said stays as it is.

    Args:
        player: who.
        now: when.
    """
    chatter = Chatter.objects.filter(player=player).first()
    if chatter is None or not chatter.is_muted(now):
        return None
    # The end of a muting stays on record: the lines that were said during it are their author's alone.
    chatter.muted_until, chatter.is_muted_for_good = now, False
    chatter.save(update_fields=["muted_until", "is_muted_for_good"])
    return chatter


def lines_beside(game: Game) -> QuerySet[Line]:
    """What was said in both rooms of a game's series, deleted lines too; the newest first, `MOST_BESIDE` at most."""
    lines = Line.objects.filter(room__series=game.series_id or game.pk).select_related("room", "player")
    return lines.order_by("-at", "-pk")[:MOST_BESIDE]
