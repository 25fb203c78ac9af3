"""Games between players of level 4, with positions in them that are puzzles; found by search."""

import json
from functools import cache
from typing import Any

from django.utils import timezone

from games.computer.models import Review
from games.computer.review import encode
from games.computer.solver.engine import Engine
from games.models import MOVE, Change, Game, Player
from tests.support.stored_games import store_finished

PUZZLING = [
    "2552434466624567422335665451211117177",
    "23164144554122447665755117516633",
    "536347346535337152254224244726665611177711",
    "757177444445554513616667533333722222111266",
    "324674444462331575771555",
    "234212243432334475411113275176655",
    "3366451273245743366446641771573155157122",
]
NOTHING_IN_IT = "5144362"
"""Too short a game."""


def mirrored(notation: str) -> str:
    """The same game, left and right swapped."""
    return "".join(str(8 - int(digit)) for digit in notation)


@cache
def _engine() -> Engine:
    return Engine()


def store_reviewed(one: Player, other: Player, notation: str, **fields: Any) -> Game:
    """A finished game with its review, won by participant 1."""
    return _reviewed(store_finished(one, other, notation, "four_in_a_row", 1, **fields))


def _reviewed(game: Game) -> Game:
    now = timezone.now()
    scores = encode(0, _engine().score_game(game.columns))
    Review.objects.create(game=game, queued_at=now, done_at=now, scores=scores)
    return game


def store_rated(one: Player, other: Player, notation: str = PUZZLING[0], **fields: Any) -> Game:
    """A rated game, each move of which took as many seconds as its ply, and its review."""
    rated = {"rated": True, "initial": 60, "increment": 0, **fields}
    game = store_finished(one, other, notation, "four_in_a_row", 1, **rated)
    for change in Change.objects.filter(game=game, kind=MOVE):
        ply = change.number - 1
        time = {"charged_ms": 1000 * ply, "compensation_ms": 0, "gain_ms": 0, "left_ms": [1, 1]}
        Change.objects.filter(pk=change.pk).update(body=json.dumps({"time": time}))
    return _reviewed(game)
