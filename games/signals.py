"""Every user is a player: made with the user, renamed with the user."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save

from games.models import Player


def connect() -> None:
    """Follow the user model from now on."""
    post_save.connect(_player_follows_user, sender=settings.AUTH_USER_MODEL, dispatch_uid="games.player_follows_user")


def _player_follows_user(instance: Any, raw: bool, **_: Any) -> None:
    if raw:
        return  # A fixture brings its players itself.
    player = Player.objects.of(instance)
    # Who goes is renamed as a player first; the placeholder user name must not bring a name back.
    if player.name not in {instance.get_username(), *Player.PLACEHOLDER_NAMES}:
        player.rename(instance.get_username())
