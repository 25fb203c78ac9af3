"""Accounts of programs: marked by their owner before the first game, for ever."""

from django.db import transaction
from django.utils import timezone

from games.models import Game, Player
from games.protocol import ErrorCode, GameError

HAS_PLAYED = "This account has been in a game: only one that has not can become a bot."


def may_become(player_id: int) -> bool:
    """Whether an account can still be marked.

    Args:
        player_id: a player's primary key.
    """
    return not Game.objects.of(player_id).exists()


def become(player_id: int) -> None:
    """Mark an account as a bot; nothing happens the second time.

    Args:
        player_id: whose.

    Raises:
        GameError: ``forbidden``, a guest is no account; ``too_late``, it has been in a game.
    """
    with transaction.atomic():
        # A game that is being stored at this instant is not seen: it is a bot's, and where it is rated it counts for
        # neither side.
        player = Player.objects.select_for_update().get(pk=player_id)
        if player.bot:
            return
        if player.guest:
            raise GameError(ErrorCode.FORBIDDEN, "A guest can't become a bot. Sign up first.")
        if not may_become(player_id):
            raise GameError(ErrorCode.TOO_LATE, HAS_PLAYED)
        # Processes that hold such a game ask for whoever was renamed, and so hear what the player is.
        Player.objects.filter(pk=player_id).update(bot=True, renamed_at=timezone.now())
