"""Deleting a person: the name and the account go, the games stay."""

import secrets
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from games.chat import forgetting
from games.chat.models import Chatter
from games.game.commands import Adjudicate, Cancel
from games.models import Game, Player
from games.protocol import GameError, State
from games.registry.endings import Ending, end_all
from games.runtime import call


def delete_person(player: Player) -> list[GameError]:
    """Deactivate and rename a person for good, and end the games that somebody waits in for them.

    The account keeps nothing of the person: another user name, no address, no password, no rights. A waiting game is
    cancelled; a game in progress is given to the other side.

    Args:
        player: who is to go.

    Returns:
        Why games could not be ended; the periodic command ends those later.
    """
    with transaction.atomic():
        # The player first: the user's signal leaves a deleted player's name alone.
        Player.objects.filter(pk=player.pk).update(seen_at=None)
        player.rename(Player.DELETED_NAME)
        _forget_name(player)
        forgetting.forget_person(player.pk)
        _empty_account(player.user)
    endings = _endings(player)
    return [refusal for refusal in call(lambda here: end_all(here.registry, endings)) if refusal is not None]


def _empty_account(user: Any) -> None:
    user.username = f"deleted-{secrets.token_hex(6)}"
    user.email = user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def _forget_name(player: Player) -> None:
    """The admin's log quotes names."""
    kinds = ContentType.objects.get_for_models(Player, get_user_model(), Chatter).values()
    about = LogEntry.objects.filter(content_type__in=[kind.pk for kind in kinds], object_id=str(player.pk))
    about.update(object_repr=Player.DELETED_NAME)


def _endings(player: Player) -> list[Ending]:
    games = Game.objects.filter(Q(participant1=player) | Q(participant2=player)).exclude(state=State.FINISHED)
    endings: list[Ending] = []
    for game in games.order_by("pk"):
        other = 2 if game.participant1_id == player.pk else 1
        if game.state == State.WAITING:
            endings.append((game.pk, Cancel()))
        else:
            endings.append((game.pk, Adjudicate(other, "The other side's account was deleted.")))
    return endings
