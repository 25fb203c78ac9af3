"""A game as somebody may see it: looked up by its ID, within what that person and address may guess."""

from games.access import guessing
from games.game.live import LiveGame
from games.protocol import ErrorCode, GameError
from games.registry.registry import Registry


async def view(registry: Registry, game_id: str, player_id: int | None, address: str) -> LiveGame:
    """`Registry.view` for somebody.

    Args:
        registry: of the running loop.
        game_id: canonical.
        player_id: who asks; None for somebody who is not signed in.
        address: from where.

    Raises:
        GameError: as `games.access.guessing.admit`, or ``try_again``.
    """
    found: LiveGame | None = None
    try:
        found = await registry.view(game_id)
    except GameError as error:
        if error.code is not ErrorCode.GAME_NOT_FOUND:
            raise
    return await guessing.admit_async(found, player_id, address)
