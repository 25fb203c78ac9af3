"""Guests who are gone: deleted where they never moved, or nameless after a while. Servers see to it by themselves.

What is due is in the row (`Guest.due_at`), so the look is one short query; each guest is dealt with in a transaction
of its own, once in whichever process.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.db.models import Max, ProtectedError, Q
from django.utils import timezone

from games.chat.forgetting import forget_person
from games.models import Game, Move, Player
from games.registry.after import ByLooksAlone
from lobby.accounts.guests import UNUSED_FOR
from lobby.models import Guest, User

FORGOTTEN_AFTER = timedelta(days=90)
"""How long a guest keeps the name after the last act or game."""
LOOK_AGAIN_AFTER = timedelta(days=1)
"""A guest who still plays is looked at again after so long."""


class ForgetGuests(ByLooksAlone):
    """Forgets guests; see `games.registry.after`."""

    def pending(self, now: datetime, most: int) -> Sequence[str]:
        """Guests who are due, the first first."""
        return pending(now, most)

    def do(self, work: str) -> None:
        """Delete or rename one, or put it off."""
        deal_with(int(work), timezone.now())


def pending(now: datetime, most: int) -> list[str]:
    """The keys of guests who are due.

    Args:
        now: the time of looking.
        most: how many are wanted.
    """
    due = Guest.objects.filter(due_at__lte=now).order_by("due_at")
    return [str(pk) for pk in due.values_list("pk", flat=True)[:most]]


def deal_with(player_id: int, now: datetime) -> None:
    """Delete a guest who never moved, take the name of one long gone, or say when to look again; in a transaction.

    Args:
        player_id: the guest's.
        now: the time of looking.
    """
    guest = Guest.objects.select_for_update(of=("self",)).filter(pk=player_id, due_at__lte=now).first()
    if guest is None:
        return  # another process was quicker, or it is an account by now
    due_at = _due_at(guest)
    if due_at > now:
        Guest.objects.filter(pk=player_id).update(due_at=due_at)
    elif Game.objects.unfinished().of(player_id).exists():
        Guest.objects.filter(pk=player_id).update(due_at=now + LOOK_AGAIN_AFTER)
    else:
        _end(guest)


def _due_at(guest: Guest) -> datetime:
    """When a guest is to go."""
    if not _has_moved(guest.pk):
        return guest.seen_at + UNUSED_FOR
    games = Game.objects.of(guest.pk).order_by()
    last: datetime = max(filter(None, [guest.seen_at, games.aggregate(last=Max("end_time"))["last"]]))
    return last + FORGOTTEN_AFTER


def _has_moved(player_id: int) -> bool:
    made, joined = Q(game__participant1=player_id, seat=1), Q(game__participant2=player_id, seat=2)
    return Move.objects.filter(made).exists() or Move.objects.filter(joined).exists()


def _end(guest: Guest) -> None:
    """The row goes where no game needs it; else the name goes, and nobody can come back as this guest."""
    player = guest.player
    Guest.objects.filter(pk=player.pk).delete()
    LogEntry.objects.filter(user=player.pk).delete()
    forget_person(player.pk)
    if not Game.objects.of(player.pk).exists():
        try:
            Player.objects.filter(pk=player.pk).delete()
            User.objects.filter(pk=player.pk).delete()
        except ProtectedError:  # what refers to a player from elsewhere stays, and so does the row
            _forget(player)
    else:
        _forget(player)


def _forget(player: Player) -> None:
    if player.name not in Player.PLACEHOLDER_NAMES:
        player.rename(Player.FORGOTTEN_GUEST_NAME)
    User.objects.filter(pk=player.pk).update(
        username=f"forgotten-{secrets.token_hex(5)}", email="", is_active=False, last_login=None
    )
