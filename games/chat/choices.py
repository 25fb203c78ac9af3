"""What people choose about chat: to see none of it, or no lines of somebody."""

from django.conf import settings
from django.utils import timezone

from games.access.quotas import OverLimit, Quota, quotas
from games.chat.models import Chatter, Hiding
from games.models import Player

RETRY_AFTER = 60
"""Seconds suggested to somebody who hides as many as may be; it is up to them."""


def switch(player_id: int, is_off: bool) -> None:
    """Switch chat off, or on again.

    Args:
        player_id: whose.
        is_off: whether they want to see none.
    """
    Chatter.objects.update_or_create(player_id=player_id, defaults={"is_off": is_off})


def is_off(player_id: int) -> bool:
    """Whether somebody has switched chat off."""
    return Chatter.objects.filter(player=player_id, is_off=True).exists()


def hide(player_id: int, other: Player) -> None:
    """See no lines of somebody; nothing happens the second time.

    Args:
        player_id: who chooses.
        other: whose lines, another's.

    Raises:
        OverLimit: too many within the hour, or altogether.
    """
    quota = Quota("hidings", settings.BLOCKS_PER_USER_PER_HOUR, 3600.0)
    quotas.count(quota, f"user {player_id}", "You have hidden the lines of many people within the hour.")
    if Hiding.objects.filter(player=player_id).count() >= settings.BLOCKS_PER_USER:
        text = f"You hide the lines of {settings.BLOCKS_PER_USER} people. Show somebody's first."
        raise OverLimit(text, RETRY_AFTER)
    Hiding.objects.get_or_create(player_id=player_id, hidden=other, defaults={"at": timezone.now()})


def unhide(player_id: int, other: Player) -> None:
    """See somebody's lines again; nothing happens where they aren't hidden."""
    Hiding.objects.filter(player=player_id, hidden=other).delete()


def hidden_by(player_id: int) -> list[Player]:
    """Whose lines somebody has chosen not to see, by name."""
    hidden = Hiding.objects.filter(player=player_id).select_related("hidden").order_by("hidden__name")
    return [hiding.hidden for hiding in hidden]
