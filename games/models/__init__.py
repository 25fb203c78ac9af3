"""What is stored: players, games, their logs. For reading; every change goes through `games.registry.registry`."""

from games.models.games import (
    MOVE,
    START,
    TAKEBACK,
    Absence,
    Challengers,
    Change,
    Game,
    GameQuerySet,
    Move,
    Player,
    PlayerQuerySet,
    Process,
    Rating,
    RatingChange,
    TokenFamily,
    written,
)

__all__ = [
    "MOVE",
    "START",
    "TAKEBACK",
    "Absence",
    "Challengers",
    "Change",
    "Game",
    "GameQuerySet",
    "Move",
    "Player",
    "PlayerQuerySet",
    "Process",
    "Rating",
    "RatingChange",
    "TokenFamily",
    "written",
]
