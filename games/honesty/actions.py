"""What moderators do about a person: recorded, and reversible. Nothing of it happens by itself."""

from datetime import datetime
from typing import Any

from django.db import transaction

from games.honesty.giving_back import give_back, take_again
from games.honesty.models import Action
from games.models import Player


class NotDone(Exception):
    """Why nothing was done, in words."""


def act(player: Player, kind: str, text: str, by: Any, now: datetime) -> str:
    """Do something about a person.

    Args:
        player: about whom.
        kind: `Action.NOTE`, `Action.MARK` or `Action.GIVE_BACK`.
        text: why; for moderators.
        by: the moderator.
        now: when.

    Returns:
        What was done, in words.

    Raises:
        NotDone: nothing was.
    """
    with transaction.atomic():
        # One thing at a time about one person.
        locked = Player.objects.select_for_update(no_key=True).get(pk=player.pk)
        if kind == Action.MARK and locked.marked:
            raise NotDone(f"{player.name} is marked already.")
        action = Action.objects.create(player=player, kind=kind, text=text, at=now, by=by)
        if kind == Action.MARK:
            Player.objects.filter(pk=player.pk).update(marked=True)
            return f"{player.name} is marked."
        if kind == Action.NOTE:
            return "Noted."
        games = give_back(action, now)
        if not games:
            raise NotDone("No opponent has lost points that could be given back.")
        return f"Points given back for {_games(games)}."


def undo(action: Action, by: Any, now: datetime) -> str:
    """Take an action back.

    Args:
        action: that was done.
        by: the moderator.
        now: when.

    Returns:
        What was done, in words.

    Raises:
        NotDone: it had been taken back already.
    """
    with transaction.atomic():
        Player.objects.select_for_update(no_key=True).get(pk=action.player_id)
        standing = Action.objects.filter(pk=action.pk, undone_at=None)
        if not standing.update(undone_at=now, undone_by=by):
            raise NotDone("That was taken back already.")
        if action.kind == Action.MARK:
            Player.objects.filter(pk=action.player_id).update(marked=False)
        elif action.kind == Action.GIVE_BACK:
            return f"Points taken again for {_games(take_again(action, now))}."
        return "Taken back."


def _games(number: int) -> str:
    return "1 game" if number == 1 else f"{number} games"
