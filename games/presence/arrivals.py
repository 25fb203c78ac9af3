"""Participants who come to their game: told to whoever wants to know."""

from collections.abc import Callable

Listener = Callable[[int, str], None]
"""Called with a player's primary key and a game's ID, on the event loop of the connection; must not wait."""

_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Have arrivals told from now on; for ``AppConfig.ready``."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(player_id: int | None, game_id: str) -> None:
    """A participant has connected to a game.

    Args:
        player_id: who; None for nobody, of whom nobody is told.
        game_id: canonical.
    """
    if player_id is not None:
        for listener in _listeners:
            listener(player_id, game_id)
