"""What is stored: players, games, their logs. For reading; every change goes through `games.registry.registry`."""

from games.models.choices import written
from games.models.games import Game, GameQuerySet
from games.models.log import MOVE, START, TAKEBACK, Change, Move
from games.models.players import Challengers, Player, PlayerQuerySet
from games.models.presence import Absence, Process
from games.models.ratings import Rating, RatingChange, RatingCorrection
from games.models.tokens import TokenFamily

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
    "RatingCorrection",
    "TokenFamily",
    "written",
]
