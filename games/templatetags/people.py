"""``{% player_name name %}``: a name as a link to the player's page; ``{% profile_address name %}``: where that is;
``{% bot_badge player %}``: that a program's account is one."""

import re

from django import template
from django.urls import reverse
from django.utils.html import format_html

from games.game.people import Participant
from games.models import Player
from games.protocol.objects import PlayerObject

register = template.Library()

_A_NAME = re.compile("[A-Za-z0-9_-]{1,20}")


@register.simple_tag
def profile_address(name: str | None) -> str:
    """Where a player's page is.

    Args:
        name: as games show it.

    Returns:
        Empty for nobody, and for who is gone: what they are called then can be nobody's name.
    """
    return reverse("profile", args=[name]) if name and _A_NAME.fullmatch(name) else ""


@register.simple_tag
def player_name(name: str) -> str:
    """A name, linked unless it is that of somebody who is gone.

    Args:
        name: as games show it.
    """
    address = profile_address(name)
    return format_html('<a class="player-link" href="{}">{}</a>', address, name) if address else name


@register.simple_tag
def bot_badge(player: Player | Participant | PlayerObject | None) -> str:
    """What stands beside the name of a program's account; nothing beside a person's.

    Args:
        player: whose name it is; None for nobody.
    """
    return format_html(' <span class="badge">{}</span>', "bot") if player is not None and player.bot else ""
