"""Games in which the computer owes something, by the store: what was left when a process died."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from games.models import MOVE, Change, Game, Player, written
from games.protocol import State

REMATCHES_FOR: Final = timedelta(hours=1)
"""An offer of a rematch that nobody has answered is looked for so long after the end of its game."""


def owing(now: datetime, before: datetime) -> Sequence[str]:
    """The games in which the computer may have to do something.

    After a takeback a game may be among them that is not: whoever looks at the game itself sees that.

    Args:
        now: the store's time.
        before: games in which something has happened since are left out: some process is at them.
    """
    computers = list(Player.objects.exclude(computer=None).values_list("pk", flat=True))
    if not computers:
        return []
    return [*_playing(computers, before), *_after_the_end(computers, now, before)]


def _playing(computers: list[int], before: datetime) -> list[str]:
    moves = Change.objects.filter(game=OuterRef("pk"), kind=MOVE).order_by("-number")
    games = _with_last(Game.objects.unfinished().in_progress(), computers)
    rows = games.annotate(mover=Subquery(moves.values("seat")[:1])).filter(last_at__lt=before)
    found = []
    for pk, one, first_move, kind, by, mover in rows.values_list(
        "pk", "participant1", "first_move", "last_kind", "last_seat", "mover"
    ):
        seat = 1 if one in computers else 2
        is_asked = kind in ("draw_offer", "takeback_offer") and by != seat
        turn = first_move if mover is None else 3 - mover
        if is_asked or turn == seat:
            found.append(pk)
    return found


def _after_the_end(computers: list[int], now: datetime, before: datetime) -> list[str]:
    ended = Game.objects.filter(state=written(State.FINISHED), end_time__gte=now - REMATCHES_FOR, rematch=None)
    rows = _with_last(ended, computers).filter(last_kind="rematch_offer", last_at__lt=before)
    return list(rows.values_list("pk", flat=True))


def _with_last(games: QuerySet[Any, Any], computers: list[int]) -> QuerySet[Any, Any]:
    """Those of the computer, with what their last change says."""
    last = Change.objects.filter(game=OuterRef("pk")).order_by("-number")
    mine = games.filter(Q(participant1__in=computers) | Q(participant2__in=computers)).order_by()
    found: QuerySet[Any, Any] = mine.annotate(
        last_kind=Subquery(last.values("kind")[:1]),
        last_seat=Subquery(last.values("seat")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
    return found
