"""Guessing of game IDs: somebody who asks for many that don't exist can't see private games for a while.

The same on sockets, pages and the API, for each user and each address. Public games and one's own stay open throughout,
so that nobody can be shut out of a game by somebody else who guesses from the same address.
"""

import asyncio

from django.conf import settings

from games.access.quotas import OverLimit, Quota, quotas
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError, Visibility


def admit(game: LiveGame | None, player_id: int | None, address: str) -> LiveGame:
    """Let somebody see the game that an ID led to.

    Args:
        game: None where the ID leads nowhere.
        player_id: who asks; None for somebody who is not signed in.
        address: from where, see `games.access.addresses`.

    Returns:
        The game.

    Raises:
        GameError: ``game_not_found``; ``rate_limited`` (`OverLimit`) after too many IDs that lead nowhere.
    """
    if game is None:
        _count(player_id, address)
        raise GameError(ErrorCode.GAME_NOT_FOUND)
    if _is_secret(game, player_id):
        _refuse_over(max(quotas.wait(_quota(), key) for key in _keys(player_id, address)))
    return game


async def admit_async(game: LiveGame | None, player_id: int | None, address: str) -> LiveGame:
    """`admit`, for an event loop."""
    is_waiting_needed = quotas.is_shared and (game is None or _is_secret(game, player_id))
    if is_waiting_needed:
        return await asyncio.to_thread(admit, game, player_id, address)
    return admit(game, player_id, address)


def _is_secret(game: LiveGame, player_id: int | None) -> bool:
    return game.visibility is Visibility.PRIVATE and game.seat_of(player_id) is None


def _count(player_id: int | None, address: str) -> None:
    _refuse_over(max(quotas.take(_quota(), key) for key in _keys(player_id, address)))


def _refuse_over(wait: float) -> None:
    if wait:
        raise OverLimit("Too many game IDs that lead nowhere. Please wait a little.", wait)


def _quota() -> Quota:
    return Quota("unknown-ids", settings.UNKNOWN_IDS_PER_MINUTE, 60.0)


def _keys(player_id: int | None, address: str) -> list[str]:
    keys = [f"address {address}"]
    return keys if player_id is None else [f"user {player_id}", *keys]
