"""The computer's players, one for each level: accounts that nobody can sign in to."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from games.computer.play.levels import LEVELS, Level, level_of
from games.models import Player

_TRIES = 20


def player_of(number: int) -> Player:
    """The player of a level; made now where there is none yet. Called in a transaction that writes.

    Args:
        number: 1 to 8.

    Raises:
        ValueError: there is no such level.
    """
    level = level_of(number)
    return Player.objects.filter(computer=number).order_by("pk").first() or _make(level)


def make_all() -> None:
    """See that every level has its player. Called in a transaction that writes."""
    for level in LEVELS:
        player_of(level.number)


def _make(level: Level) -> Player:
    """Make it, by the level's name, or where somebody has that already by another."""
    users = get_user_model()
    for name in (level.name, *(f"{level.name}-{number}" for number in range(2, _TRIES))):
        if users._default_manager.filter(username__iexact=name).exists():
            continue
        user: Any = users(username=name)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:  # somebody else has made it, or taken the name, just now
            continue
        player = Player.objects.of(user)
        player.computer = level.number
        player.save(update_fields=["computer"])
        return player
    raise RuntimeError(f"no name is left for the computer at level {level.number}")
