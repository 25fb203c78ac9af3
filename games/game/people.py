"""Who holds a seat, and who asks something of a game."""

from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Struct


class Participant(NamedTuple):
    """Who holds a seat. What somebody is comes from the player's row, never from the name.

    Attributes:
        player_id: a player's primary key.
        name: as it is shown.
        computer: the level at which the server plays, 1 to 8; None for a person or a program of somebody's.
        guest: a person without an account.
        bot: an account whose moves a program makes.
    """

    player_id: int
    name: str
    computer: int | None = None
    guest: bool = False
    bot: bool = False


class RatingShown(NamedTuple):
    """A participant's rating in a game, as it is shown.

    Attributes:
        rating: before the game, in points.
        provisional: whether that is a guess.
        change: what the game did to it; None where it did nothing, or not yet.
    """

    rating: int
    provisional: bool
    change: int | None = None


Ratings = tuple[RatingShown | None, RatingShown | None]
"""Of participants 1 and 2; None where there is none."""


def after(ratings: Ratings) -> Ratings:
    """With what ratings both come out of a game, as far as that is known, and into the next."""
    first, second = (shown and RatingShown(shown.rating + (shown.change or 0), shown.provisional) for shown in ratings)
    return first, second


@dataclass(frozen=True, slots=True)
class House:
    """Whoever may end other people's games: moderators, and the periodic command. Never a person who plays."""


HOUSE = House()

Asker = int | House | None
"""Who asks: a player's primary key, the house, or None for somebody who is not signed in."""


class Timing(Struct, frozen=True, gc=False):
    """What a process has measured of a command.

    Attributes:
        elapsed_ms: since the side to move could, by the process that told it so; None where that is not known, and the
            times in the log have to do.
        trusted_lag_ms: the asker's round trip, as the server has measured it; None where it can't.
        alone_s: for how long the other side has been away, in seconds; None where it is there, or nobody knows.
    """

    elapsed_ms: int | None = None
    trusted_lag_ms: int | None = None
    alone_s: float | None = None


UNMEASURED = Timing()


class Side(Struct, frozen=True, gc=False):
    """A participant who asks: rulings on what participants may do get this, so nobody without a seat reaches them."""

    seat: int
    timing: Timing = UNMEASURED
