"""Lines are forgotten after a while, unless there is a report about their series. Servers see to it by themselves.

What is due is found by one short query; the lines of a room are dealt with in a transaction of their own, once in
whichever process.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from games.chat import sources
from games.chat.models import Chatter, Hiding, Line, Room
from games.registry.after import ByLooksAlone

LINES_AT_ONCE = 200
"""Lines of a room that are dealt with in one transaction."""


class ForgetLines(ByLooksAlone):
    """Forgets lines; see `games.registry.after`."""

    def pending(self, now: datetime, most: int) -> Sequence[str]:
        """Rooms with lines that are due, the first first."""
        return pending(now, most)

    def do(self, work: str) -> None:
        """Forget the lines of one, or keep them."""
        deal_with(int(work), timezone.now())


def pending(now: datetime, most: int) -> list[str]:
    """The keys of rooms with lines that are due.

    Args:
        now: the time of looking.
        most: how many are wanted.
    """
    due = Line.objects.filter(is_kept=False, at__lte=_since(now)).order_by("at")
    rooms = dict.fromkeys(due.values_list("room", flat=True)[: most * LINES_AT_ONCE])
    return [str(room_id) for room_id in rooms][:most]


def deal_with(room_id: int, now: datetime) -> int:
    """Forget the due lines of a room, or mark them as kept where its series was reported; in a transaction.

    Args:
        room_id: its key.
        now: the time of looking.

    Returns:
        How many lines were forgotten.
    """
    room = Room.objects.select_for_update().filter(pk=room_id).first()
    if room is None:
        return 0
    due = Line.objects.filter(room=room, is_kept=False, at__lte=_since(now)).order_by("number")
    lines = list(due.values_list("pk", flat=True)[:LINES_AT_ONCE])
    if sources.reported([room.series_id]):
        Line.objects.filter(pk__in=lines).update(is_kept=True)
        return 0
    return Line.objects.filter(pk__in=lines).delete()[0]


def forget_person(player_id: int) -> None:
    """Forget what somebody said who is to go, and what they had chosen; what was reported stays, without their name.

    Args:
        player_id: whose.
    """
    said = Line.objects.filter(player=player_id)
    series = set(said.values_list("room__series__pk", flat=True).distinct())
    if series:
        _forget_lines(said.exclude(room__series__in=sources.reported(series)))
    Hiding.objects.filter(Q(player=player_id) | Q(hidden=player_id)).delete()
    Chatter.objects.filter(player=player_id).delete()


def _forget_lines(lines: QuerySet[Line]) -> None:
    rooms = Room.objects.filter(pk__in=list(lines.values_list("room", flat=True).distinct()))
    rooms.update(revision=F("revision") + 1, changed_at=timezone.now())
    lines.delete()


def _since(now: datetime) -> datetime:
    return now - timedelta(days=settings.CHAT_DAYS)
