"""Who holds a seat, and who asks something of a game."""

from dataclasses import dataclass
from typing import NamedTuple


class Participant(NamedTuple):
    """Who holds a seat."""

    player_id: int
    name: str


@dataclass(frozen=True, slots=True)
class House:
    """Whoever may end other people's games: moderators, and the periodic command. Never a person who plays."""


HOUSE = House()

Asker = int | House | None
"""Who asks: a player's primary key, the house, or None for somebody who is not signed in."""


@dataclass(frozen=True, slots=True)
class Side:
    """A participant who asks: rulings on what participants may do get this, so nobody without a seat reaches them."""

    seat: int
