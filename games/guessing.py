"""Game IDs can't be guessed: whoever asks for many that don't exist is told nothing about secret ones for a while.

The same on sockets, pages and the API, for each user and each address. Public games and one's own stay open throughout,
so that nobody can be shut out of a game by somebody else who guesses from the same address.
"""

import asyncio

from django.conf import settings
from django.http import HttpRequest

from games import addresses, registry
from games.live import LiveGame
from games.protocol import ErrorCode, GameError, Visibility
from games.quotas import OverLimit, Quota, quotas
from games.registry import Registry


def admit(game: LiveGame | None, player_id: int | None, address: str) -> LiveGame:
    """Let somebody see the game that an ID led to.

    Args:
        game: None where the ID leads nowhere.
        player_id: who asks; None for somebody who is not signed in.
        address: from where, see `games.addresses`.

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


async def view(registry: Registry, game_id: str, player_id: int | None, address: str) -> LiveGame:
    """`Registry.view` for somebody.

    Args:
        registry: of the running loop.
        game_id: canonical.
        player_id: who asks; None for somebody who is not signed in.
        address: from where.

    Raises:
        GameError: as `admit`, or ``try_again``.
    """
    found: LiveGame | None = None
    try:
        found = await registry.view(game_id)
    except GameError as error:
        if error.code is not ErrorCode.GAME_NOT_FOUND:
            raise
    return await admit_async(found, player_id, address)


def view_for(request: HttpRequest, game_id: str) -> LiveGame:
    """`view`, for a page.

    Args:
        request: of whoever asks.
        game_id: canonical.
    """
    player_id, address = request.user.pk, addresses.of_request(request)
    return registry.call(lambda here: view(here, game_id, player_id, address))


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
