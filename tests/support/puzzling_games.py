"""Games between players of level 4, with positions in them that are puzzles; found by search."""

from collections.abc import Callable

from games.models import Game

Reviewed = Callable[..., Game]
"""Stores a finished game with its review: a notation, and fields of the game."""

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
